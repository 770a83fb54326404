#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/random.hpp"

namespace tally::core {

/// Random bytes drawn ahead in one call, for a request that needs several values: asking the system costs more than the
/// bytes. No byte is given twice; all are wiped at the end. What is asked for beyond them comes from the source.
/// Threads: one at a time. Lifetime: `source` outlives it.
class RandomBlock final : public RandomSource {
 public:
  explicit RandomBlock(RandomSource& source);
  ~RandomBlock() override;
  RandomBlock(const RandomBlock&) = delete;
  RandomBlock& operator=(const RandomBlock&) = delete;
  void fill(std::span<std::uint8_t> out) override;

 private:
  static constexpr std::size_t kBytes = 128;
  RandomSource& source_;
  std::array<std::uint8_t, kBytes> bytes_;
  std::size_t used_ = 0;
};

}  // namespace tally::core
