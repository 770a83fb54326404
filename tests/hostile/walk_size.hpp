#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

namespace tally::testing {

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// How much of all that there is to do is done: one in so many.
inline std::uint64_t one_in() { return number_from("TALLY_WALK_EVERY", 20); }

/// Printed; chosen by TALLY_WALK_SEED, or else another one each time.
inline std::uint64_t walk_seed() {
  const std::uint64_t seed = number_from("TALLY_WALK_SEED", std::random_device{}());
  WARN("TALLY_WALK_SEED=" << seed);
  return seed;
}

}  // namespace tally::testing
