#include "tools/cli/times.hpp"

#include <ctime>
#include <optional>
#include <stdlib.h>

#include <catch2/catch.hpp>

namespace tally::tools {
namespace {

using namespace std::chrono_literals;

const core::Timestamp kNow = *core::parse_rfc3339("2026-11-23T22:10:00Z");

/// The time zone of the process for one case.
class Zone {
 public:
  explicit Zone(const char* name) {
    if (const char* before = ::getenv("TZ")) before_ = before;
    set(name);
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
  ~Zone() {
    if (before_) {
      set(before_->c_str());
    } else {
      ::unsetenv("TZ");
      ::tzset();
    }
  }

 private:
  static void set(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("times: a distance is told in its largest useful unit", "[tools][times]") {
  const auto [distance, text] = GENERATE(table<core::Duration, std::string>({
      {0s, "just now"},
      {-4s, "just now"},
      {-5s, "5 seconds ago"},
      {-58s, "58 seconds ago"},
      {-60s, "1 minute ago"},
      {-3h, "3 hours ago"},
      {24h - 1s, "in 1 day"},
      {23h, "in 23 hours"},
      {24h * 30 - 1s, "in 30 days"},
      {24h * 90 - 1s, "in 3 months"},
      {24h, "in 1 day"},
      {24h * 58, "in 58 days"},
      {24h * 60, "in 2 months"},
      {24h * 400, "in 13 months"},
      {-24h * 800, "2 years ago"},
  }));
  CHECK(relative_to(kNow + distance, kNow) == text);
}

TEST_CASE("times: dates are shown in the time zone of the reader", "[tools][times]") {
  const Zone zone{"UTC-2"};
  CHECK(shown_time("2026-11-23T22:07:00.000000Z", kNow) == "2026-11-24 00:07 (3 minutes ago)");
  CHECK(local_second(kNow) == "2026-11-24 00:10:00");
  CHECK(shown_time("", kNow).empty());
  CHECK(shown_time("soon", kNow) == "soon");
}

TEST_CASE("times: the date of an HTTP field", "[tools][times]") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == core::timestamp_of_micros(784'111'777'000'000));
  const auto text = GENERATE(as<std::string>{}, "", "yesterday", "Sun, 06 Nov 1994 08:49:37",
                             "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT+1");
  CAPTURE(text);
  CHECK_FALSE(parse_http_date(text).has_value());
}

TEST_CASE("times: what a person types is read as they mean it", "[tools][times]") {
  const Zone zone{"UTC-2"};
  const auto [typed, meant] = GENERATE(table<std::string, std::string>({
      {"2026-11-01T09:00:00Z", "2026-11-01T09:00:00.000000Z"},
      {"2026-11-01T09:00:00+01:00", "2026-11-01T08:00:00.000000Z"},
      {"2026-11-01 09:00", "2026-11-01T07:00:00.000000Z"},
      {"2026-11-01T09:00:30", "2026-11-01T07:00:30.000000Z"},
      {"2026-11-01", "2026-10-31T22:00:00.000000Z"},
      {"90m", "2026-11-23T20:40:00.000000Z"},
      {"24h", "2026-11-22T22:10:00.000000Z"},
      {"7d", "2026-11-16T22:10:00.000000Z"},
      {"0s", "2026-11-23T22:10:00.000000Z"},
  }));
  CAPTURE(typed);
  const auto parsed = parse_moment(typed, kNow);
  REQUIRE(parsed.has_value());
  CHECK(core::to_rfc3339(*parsed) == meant);
}

TEST_CASE("times: what is no time is a mistake of usage", "[tools][times]") {
  const auto typed = GENERATE(as<std::string>{}, "", "yesterday", "7", "d", "-7d", "7w", "2026-02-31", "2026-13-01",
                              "2026-11-01 9 o'clock", "99999999d");
  CAPTURE(typed);
  const auto parsed = parse_moment(typed, kNow);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().exit == Exit::usage);
}

}  // namespace tally::tools
