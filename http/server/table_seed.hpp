#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "core/base/random.hpp"

namespace tally::http {

/// What a table whose keys strangers choose is mixed with: nobody outside knows it.
inline std::uint64_t draw_table_seed(core::RandomSource& random) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random.fill(bytes);
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

}  // namespace tally::http
