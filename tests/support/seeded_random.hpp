#pragma once

#include <cstdint>
#include <random>
#include <span>

#include "core/base/random.hpp"

namespace tally::testing {

/// The same bytes for the same seed, on every machine. Threads: one.
class SeededRandom final : public core::RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_() >> 32);
  }
  /// 0 to `end` - 1. Not std::uniform_int_distribution, which differs between libraries.
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tally::testing
