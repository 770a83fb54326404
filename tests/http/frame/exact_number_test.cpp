#include "http/frame/exact_number.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace tally;
using http::whole_number_of;

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("numbers: what is whole is so in every form, exactly", "[api][json]") {
  const auto [text, value] = GENERATE(table<std::string, std::int64_t>({
      {"0", 0},
      {"-0", 0},
      {"0.000e7", 0},
      {"90", 90},
      {"90.0", 90},
      {"9e1", 90},
      {"9E+1", 90},
      {"900e-1", 90},
      {"0.09e3", 90},
      {"-90.00", -90},
      {"9007199254740993.0", 9007199254740993},  // 2^53 + 1: no double is this
      {"9223372036854775807.0", kMax},
      {"922337203685477580.7e1", kMax},
      {"-9223372036854775808", kMin},
      {"9223372036854775808", kMax},
      {"99999999999999999999999", kMax},
      {"-99999999999999999999999", kMin},
      {"1e400", kMax},
      {"1e99999999999999999999999", kMax},
      {"1" + std::string(1'000, '0') + "e-1000", 1},
      {"0." + std::string(1'000, '0') + "1e1001", 1},
  }));
  CAPTURE(text);
  CHECK(whole_number_of(text) == value);
}

TEST_CASE("numbers: a fraction is none, however small", "[api][json]") {
  const auto text =
      GENERATE(values<std::string>({"90.5", "1e-1", "-0.1", "9007199254740993.5", "90.00000000000000000001",
                                    "1e-99999999999999999999999", "9223372036854775807.5"}));
  CAPTURE(text);
  CHECK_FALSE(whole_number_of(text).has_value());
}
