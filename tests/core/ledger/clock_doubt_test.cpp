#include "core/ledger/clock_doubt.hpp"

#include <random>

#include <catch2/catch.hpp>

namespace tally::core::testing {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon = timestamp_of_micros(1'800'000'000'000'000);

/// A machine and the ledger on it, of which a test moves what it likes.
struct Machine {
  Timestamp wall = kNoon;
  Duration boot = 5h;
  Timestamp newest = kNoon;
  ClockJudge judge{{wall, boot}};

  void pass(Duration time) {
    wall += time;
    boot += time;
  }
  ClockDoubt look() { return judge.look({wall, boot}, newest); }
  /// A command was taken.
  void record() { newest = std::max(newest, wall); }
};

TEST_CASE("clock doubt: a clock that runs is good", "[core][ledger]") {
  Machine machine;
  for (int day = 0; day < 1'000; ++day) {
    machine.pass(24h);
    CHECK(machine.look() == ClockDoubt::none);
    machine.record();
  }
}

TEST_CASE("clock doubt: a minute either way is no doubt, a moment more is", "[core][ledger]") {
  const auto [step, doubt] = GENERATE(table<Duration, ClockDoubt>({{60s, ClockDoubt::none},
                                                                   {60s + 1us, ClockDoubt::jumped},
                                                                   {-60s, ClockDoubt::none},
                                                                   {87'600h, ClockDoubt::jumped}}));
  Machine machine;
  machine.wall += step;
  CHECK(machine.look() == doubt);
}

TEST_CASE("clock doubt: small steps and a slow clock never add up", "[core][ledger]") {
  const Duration step = GENERATE(Duration{59s}, Duration{-59s}, Duration{-1ms});
  Machine machine;
  for (int count = 0; count < 1'000; ++count) {
    machine.pass(61s);
    machine.wall += step;
    CHECK(machine.look() == ClockDoubt::none);
    machine.record();
  }
}

TEST_CASE("clock doubt: sleep is time too", "[core][ledger]") {
  Machine machine;
  machine.pass(100h);
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: a jump is in doubt until it is taken back", "[core][ledger]") {
  const Duration jump = GENERATE(Duration{87'600h}, Duration{2h}, Duration{-1h});
  Machine machine;
  machine.newest -= 24h;  // nothing was recorded lately
  machine.wall += jump;
  CHECK(machine.look() == ClockDoubt::jumped);
  machine.pass(30h);
  CHECK(machine.look() == ClockDoubt::jumped);
  machine.wall -= jump / 2;
  CHECK(machine.look() == ClockDoubt::jumped);
  machine.wall -= jump - jump / 2;
  CHECK(machine.look() == ClockDoubt::none);
  machine.pass(1s);
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: a jump back behind the newest event says so, and is over when it is taken back",
          "[core][ledger]") {
  Machine machine;
  machine.pass(1s);
  REQUIRE(machine.look() == ClockDoubt::none);
  machine.record();
  machine.wall -= 1h;
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.wall += 1h;
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: behind the newest event at the start, until somebody sets the clock right", "[core][ledger]") {
  Machine machine;
  machine.newest = kNoon + 60s + 1us;
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.newest = kNoon + 8'760h;
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.wall += 8'760h + 3min;  // this jump is the cure
  CHECK(machine.look() == ClockDoubt::none);
  machine.wall += 61s;  // and this one is another
  CHECK(machine.look() == ClockDoubt::jumped);
}

TEST_CASE("clock doubt: a clock that has caught up with the newest event is good", "[core][ledger]") {
  Machine machine;
  machine.newest = kNoon + 2h;
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.pass(2h - 60s - 1us);
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.pass(1us);
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: a jump ahead and then back behind the newest event is over when the clock is right again",
          "[core][ledger]") {
  Machine machine;
  machine.wall += 2h;
  CHECK(machine.look() == ClockDoubt::jumped);
  machine.wall -= 5h;
  CHECK(machine.look() == ClockDoubt::behind_newest);
  machine.wall += 3h;
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: a detour behind the newest event does not make a jump ahead good", "[core][ledger]") {
  Machine machine;
  machine.newest = kNoon + 60s;
  REQUIRE(machine.look() == ClockDoubt::none);
  for (const Duration jump : {Duration{87'600h}, Duration{-87'602h}, Duration{87'602h}}) {
    machine.wall += jump;
    CHECK(machine.look() != ClockDoubt::none);
  }
  machine.wall -= 87'600h;
  CHECK(machine.look() == ClockDoubt::none);
}

TEST_CASE("clock doubt: whatever a clock does, nothing is dated outside of what was expected", "[core][ledger]") {
  const auto seed = GENERATE(range(1U, 41U));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto draw = [&](int most) { return std::uniform_int_distribution{-most, most}(random); };
  Machine machine;
  REQUIRE(machine.look() == ClockDoubt::none);
  for (int step = 0; step < 2'000; ++step) {
    const Timestamp good_before = machine.judge.expected(machine.boot);
    const Duration passed = std::chrono::seconds{std::abs(draw(100))};
    machine.pass(passed);
    if (draw(9) == 0) machine.wall += std::chrono::seconds{draw(10) == 0 ? draw(400'000'000) : draw(80)};
    if (machine.look() != ClockDoubt::none) continue;
    // Good is: not behind the newest event, and where it was expected.
    CHECK_FALSE(lies_ahead(machine.newest, machine.wall));
    CHECK_FALSE(lies_ahead(machine.wall, good_before + passed));
    CHECK_FALSE(lies_ahead(good_before + passed, machine.wall));
    CHECK(machine.judge.expected(machine.boot) == machine.wall);
    machine.record();
  }
}

}  // namespace
}  // namespace tally::core::testing
