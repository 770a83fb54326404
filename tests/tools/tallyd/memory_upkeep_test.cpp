#include "tools/tallyd/memory_upkeep.hpp"

#include <catch2/catch.hpp>

using tally::tools::FreedMemory;

namespace {

constexpr std::uint64_t kMuch = FreedMemory::kBytesMin;

/// How many of so many looks in a row say that it is due.
int dues(FreedMemory& memory, unsigned looks, std::uint64_t bytes) {
  int count = 0;
  for (unsigned look = 0; look < looks; ++look) count += memory.is_due(bytes) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("freed memory: it goes back once after much was freed, and not for little", "[tools][memory]") {
  FreedMemory memory;
  CHECK(dues(memory, 100, kMuch - 1) == 0);
  CHECK(dues(memory, 100, kMuch) == 1);
  CHECK(dues(memory, 100, 2 * kMuch - 1) == 0);
  CHECK(dues(memory, 100, 2 * kMuch) == 1);
}

TEST_CASE("freed memory: under a load that frees all the time it goes back now and then", "[tools][memory]") {
  FreedMemory memory;
  int count = 0;
  for (std::uint64_t look = 1; look <= 100; ++look) count += memory.is_due(look * kMuch) ? 1 : 0;
  CHECK(count == 100 / FreedMemory::kLooksMin);
}
