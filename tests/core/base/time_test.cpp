#include "core/base/time.hpp"

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

TEST_CASE("time: RFC 3339 both ways", "[core][time]") {
  const auto [text, micros, canonical] = GENERATE(table<std::string, std::int64_t, std::string>({
      {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"},
      {"1970-01-01t00:00:00z", 0, "1970-01-01T00:00:00.000000Z"},
      {"1985-04-12T23:20:50.52Z", 482'196'050'520'000, "1985-04-12T23:20:50.520000Z"},
      {"1996-12-19T16:39:57-08:00", 851'042'397'000'000, "1996-12-20T00:39:57.000000Z"},
      {"1937-01-01T12:00:27.87+00:20", -1'041'337'172'130'000, "1937-01-01T11:40:27.870000Z"},
      {"2026-11-23T21:45:03.000001Z", 1'795'470'303'000'001, "2026-11-23T21:45:03.000001Z"},
      {"2026-11-23T21:45:03.123456789Z", 1'795'470'303'123'456, "2026-11-23T21:45:03.123456Z"},
      {"2026-11-23T21:45:03.9999999-00:00", 1'795'470'303'999'999, "2026-11-23T21:45:03.999999Z"},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000'000, "2024-02-29T00:00:00.000000Z"},
      {"2000-02-29T23:59:59+23:59", 951'782'459'000'000, "2000-02-29T00:00:59.000000Z"},
      {"0000-01-01T00:00:00Z", -62'167'219'200'000'000, "0000-01-01T00:00:00.000000Z"},
      {"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
  }));
  CAPTURE(text);
  REQUIRE(parse_rfc3339(text).has_value());
  CHECK(micros_of(*parse_rfc3339(text)) == micros);
  CHECK(to_rfc3339(timestamp_of_micros(micros)) == canonical);
}

TEST_CASE("time: what is not RFC 3339 is malformed", "[core][time]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "now", "2026", "2026-11-23", "2026-11-23T21:45:03", "2026-11-23T21:45Z",
               "2026-11-23 21:45:03Z", "26-11-23T21:45:03Z", "02026-11-23T21:45:03Z", "2026-1-23T21:45:03Z",
               "2026-00-23T21:45:03Z", "2026-13-23T21:45:03Z", "2026-11-00T21:45:03Z", "2026-11-31T21:45:03Z",
               "2026-02-29T21:45:03Z", "1900-02-29T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T21:60:03Z",
               "2026-11-23T21:45:61Z", "2016-12-31T23:59:60Z", "2026-11-23T21:45:03.Z", "2026-11-23T21:45:03,5Z",
               "2026-11-23T21:45:03.1234567890Z", "2026-11-23T21:45:03+0100", "2026-11-23T21:45:03+01",
               "2026-11-23T21:45:03+24:00", "2026-11-23T21:45:03+01:60", "2026-11-23T21:45:03Z ",
               " 2026-11-23T21:45:03Z", "2026-11-23T21:45:03ZZ",
               "2026-11-23T21:45:03\xe2\x88\x92"
               "01:00",
               "+026-11-23T21:45:03Z", "2026-11-23T-1:45:03Z", "2026-11-23T21:45:03.-1Z",
               // Inside its own offset, but outside the years 0000 to 9999 in UTC.
               "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", std::string("2026-11-23T21:45:03Z\0", 21));
  CAPTURE(text);
  REQUIRE(parse_rfc3339(text).has_error());
  CHECK(parse_rfc3339(text).error().code == Errc::malformed);
}

TEST_CASE("time: every time of the years 0000 to 9999 comes back", "[core][time]") {
  tally::testing::SeededRandom random{4};
  const std::int64_t first = -62'167'219'200'000'000;
  const std::int64_t last = 253'402'300'799'999'999;
  for (int i = 0; i < 10'000; ++i) {
    const auto offset = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(last - first)));
    const Timestamp time = timestamp_of_micros(first + offset);
    REQUIRE(*parse_rfc3339(to_rfc3339(time)) == time);
  }
}

TEST_CASE("time: one that RFC 3339 can not write is shown as the nearest that it can", "[core][time]") {
  const auto [micros, text] = GENERATE(table<std::int64_t, std::string>({
      {-62'167'219'200'000'001, "0000-01-01T00:00:00.000000Z"},
      {INT64_MIN, "0000-01-01T00:00:00.000000Z"},
      {253'402'300'800'000'000, "9999-12-31T23:59:59.999999Z"},
      {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
  }));
  CAPTURE(micros);
  CHECK_FALSE(is_writable(timestamp_of_micros(micros)));
  CHECK(to_rfc3339(timestamp_of_micros(micros)) == text);
  CHECK(is_writable(*parse_rfc3339(text)));
}

TEST_CASE("time: whole seconds are rounded down, before the epoch too", "[core][time]") {
  CHECK(seconds_of(timestamp_of_micros(1'999'999)) == 1);
  CHECK(seconds_of(timestamp_of_micros(-1)) == -1);
}

}  // namespace
}  // namespace tally::core
