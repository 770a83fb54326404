#include "tools/tallyd/expiry_clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace tally::tools {
namespace {

struct WallClock final : http::Clock {
  core::Timestamp time;
  [[nodiscard]] core::Timestamp now() const override { return time; }
};

constexpr core::Timestamp kLogNoon = core::timestamp_of_micros(1'800'000'000'000'000);

}  // namespace

TEST_CASE("expiry clock: what ends has ended by the log's time gone on, and never later than the clock says",
          "[tools][clock]") {
  WallClock wall;
  core::Duration boot = 5h;
  ExpiryClock expiry{wall, [&boot] { return boot; }};
  wall.time = kLogNoon + 87'600h;
  CHECK(expiry.now() == core::Timestamp::min());  // nothing is known yet

  expiry.begin(kLogNoon);
  boot += 1h;
  CHECK(expiry.now() == kLogNoon + 1h);  // the clock is ahead
  wall.time = kLogNoon + 59min;
  CHECK(expiry.now() == kLogNoon + 59min);  // or the ledger was
  wall.time = kLogNoon + 2h;
  boot += 24h;
  CHECK(expiry.now() == kLogNoon + 2h);
}

}  // namespace tally::tools
