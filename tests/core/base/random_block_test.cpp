#include "core/base/random_block.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "tests/core/fixed_random.hpp"

namespace tally::core {
namespace {

std::vector<std::uint8_t> drawn(RandomSource& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  random.fill(bytes);
  return bytes;
}

TEST_CASE("random block: gives each byte of its source once, in one call", "[core][random]") {
  testing::FixedRandom source{testing::counting_bytes(128)};
  RandomBlock block{source};
  CHECK(drawn(block, 3) == std::vector<std::uint8_t>{0, 1, 2});
  CHECK(drawn(block, 0).empty());
  CHECK(drawn(block, 2) == std::vector<std::uint8_t>{3, 4});
  const auto rest = drawn(block, 123);
  CHECK(rest.front() == 5);
  CHECK(rest.back() == 127);
}

TEST_CASE("random block: what is asked for beyond it comes from the source", "[core][random]") {
  testing::FixedRandom source{testing::counting_bytes(200)};
  RandomBlock block{source};
  CHECK(drawn(block, 120).back() == 119);
  CHECK(drawn(block, 9) == std::vector<std::uint8_t>{128, 129, 130, 131, 132, 133, 134, 135, 136});
  CHECK(drawn(block, 8).front() == 120);
}

}  // namespace
}  // namespace tally::core
