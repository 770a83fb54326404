#include "tools/tallyd/clock_watch.hpp"

#include <catch2/catch.hpp>

namespace tally::tools {
namespace {

using core::Errc;
using namespace std::chrono_literals;

constexpr core::Timestamp kNoon = core::timestamp_of_micros(1'800'000'000'000'000);

class SetClock final : public http::Clock {
 public:
  [[nodiscard]] core::Timestamp now() const override { return wall; }
  core::Timestamp wall = kNoon;
};

struct Watched {
  SetClock clock;
  core::Duration boot = 5h;
  Log log{LogLevel::off};
  ClockWatch::BootClock boot_clock = [this] { return boot; };

  std::unique_ptr<ClockWatch> start(ClockWatch::Start from) {
    return std::make_unique<ClockWatch>(clock, log, from, boot_clock);
  }
};

bool is_refused(const core::Result<void>& result) {
  return result.has_error() && result.error().code == Errc::clock_in_doubt;
}

TEST_CASE("clock watch: a start behind the newest event takes no command until the clock is right", "[tools][clock]") {
  Watched machine;
  const auto watch = machine.start({kNoon + 1h});
  CHECK(is_refused(watch->check()));
  CHECK(is_refused(watch->admit(kNoon, kNoon + 1h)));
  machine.clock.wall += 1h;
  CHECK(watch->admit(machine.clock.wall, kNoon + 1h).has_value());
  CHECK(watch->check().has_value());
}

TEST_CASE("clock watch: a jump is seen by a command, and by a look without one", "[tools][clock]") {
  Watched machine;
  const auto watch = machine.start({kNoon});
  machine.clock.wall += 2h;
  SECTION("command") { CHECK(is_refused(watch->admit(machine.clock.wall, kNoon))); }
  SECTION("look") { watch->look(); }
  CHECK(is_refused(watch->check()));
  machine.clock.wall -= 2h;
  watch->look();
  CHECK(watch->check().has_value());
}

TEST_CASE("clock watch: a reading of before a jump was taken back is refused, one that has waited is not",
          "[tools][clock]") {
  Watched machine;
  const auto watch = machine.start({kNoon});
  CHECK(is_refused(watch->admit(kNoon + 60s + 1us, kNoon)));
  CHECK(watch->check().has_value());  // the clock itself is good
  CHECK(watch->admit(kNoon + 60s, kNoon).has_value());
  CHECK(watch->admit(kNoon - 10min, kNoon).has_value());
}

TEST_CASE("clock watch: what commands told of the newest event is what a look knows", "[tools][clock]") {
  Watched machine;
  const auto watch = machine.start({kNoon - 24h});
  REQUIRE(watch->admit(kNoon, kNoon).has_value());
  machine.clock.wall -= 90s;
  machine.boot -= 90s;  // no jump
  watch->look();
  CHECK(is_refused(watch->check()));
}

TEST_CASE("clock watch: an acceptance that was cut short keeps commands out", "[tools][clock]") {
  Watched machine;
  const auto watch = machine.start({kNoon, true});
  CHECK(is_refused(watch->check()));
  CHECK(is_refused(watch->admit(kNoon, kNoon)));
}

TEST_CASE("clock watch: the time since the boot is the system's", "[tools][clock]") {
  const core::Duration first = time_since_boot();
  CHECK(first > core::Duration::zero());
  CHECK(time_since_boot() >= first);
}

}  // namespace
}  // namespace tally::tools
