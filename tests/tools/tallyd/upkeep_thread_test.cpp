#include "tools/tallyd/upkeep_thread.hpp"

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "core/base/check.hpp"

namespace tally::tools {
namespace {

using namespace std::chrono_literals;
using First = UpkeepThread::First;

const auto kNoFault = [](const char* what) { FAIL("told a fault: " << what); };

}  // namespace

TEST_CASE("upkeep: the task comes at once, again after each pause, and not after the stop", "[tools][upkeep]") {
  std::atomic<int> turns = 0;
  std::latch three{3};
  UpkeepThread upkeep{1ms, First::at_once,
                      [&] {
                        if (++turns <= 3) three.count_down();
                      },
                      kNoFault};
  three.wait();
  upkeep.stop();
  const int at_the_stop = turns;
  upkeep.stop();
  CHECK(turns == at_the_stop);
  upkeep.run_once();
  CHECK(turns == at_the_stop + 1);
}

TEST_CASE("upkeep: what waits for its first pause is stopped before it has begun", "[tools][upkeep]") {
  std::atomic<int> turns = 0;
  UpkeepThread upkeep{std::chrono::hours{1}, First::after_the_pause, [&] { ++turns; }, kNoFault};
  upkeep.stop();
  CHECK(upkeep.is_stopping());
  // It may have been stopped before its thread came to wait; then it does not begin either.
  CHECK(turns == 0);
}

TEST_CASE("upkeep: a task that rests goes on, and is woken by the stop", "[tools][upkeep]") {
  std::latch rested{1};
  std::atomic<bool> went_on = false;
  UpkeepThread* self = nullptr;
  std::latch made{1};
  UpkeepThread upkeep{std::chrono::hours{1}, First::at_once,
                      [&] {
                        made.wait();
                        if (!self->rest_for(1us)) return;
                        rested.count_down();
                        went_on = self->rest_for(std::chrono::hours{1});
                      },
                      kNoFault};
  self = &upkeep;
  made.count_down();
  rested.wait();
  upkeep.stop();
  CHECK_FALSE(went_on);
  CHECK_FALSE(upkeep.rest_for(std::chrono::hours{1}));
}

TEST_CASE("upkeep: what a task throws is told, and it is tried again", "[tools][upkeep]") {
  std::latch told{2};
  std::atomic<int> turns = 0;
  UpkeepThread upkeep{
      1ms, First::at_once,
      [&] {
        if (++turns == 1) throw std::runtime_error{"a damaged row"};
        TALLY_CHECK(turns > 2, "a broken promise");
      },
      [&](const char* what) {
        if (std::string{what}.find(turns == 1 ? "a damaged row" : "a broken promise") != std::string::npos) {
          told.count_down();
        }
      }};
  told.wait();
}

}  // namespace tally::tools
