#pragma once

#include "core/base/random.hpp"

namespace tally::core::crypto {

/// The operating system's generator. Aborts if the system cannot give random bytes.
class SystemRandom final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace tally::core::crypto
