#include "tools/tallyd/expiry_clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace tally::tools {
namespace {

struct SetClock final : http::Clock {
  core::Timestamp time;
  [[nodiscard]] core::Timestamp now() const override { return time; }
};

constexpr core::Timestamp kNoon = core::timestamp_of_micros(1'800'000'000'000'000);

}  // namespace

TEST_CASE("expiry clock: what ends has ended by the log's time gone on, and never later than the clock says",
          "[tools][clock]") {
  SetClock wall;
  core::Duration boot = 5h;
  ExpiryClock expiry{wall, [&boot] { return boot; }};
  wall.time = kNoon + 87'600h;
  CHECK(expiry.now() == core::Timestamp::min());  // nothing is known yet

  expiry.begin(kNoon);
  boot += 1h;
  CHECK(expiry.now() == kNoon + 1h);  // the clock is ahead
  wall.time = kNoon + 59min;
  CHECK(expiry.now() == kNoon + 59min);  // or the ledger was
  wall.time = kNoon + 2h;
  boot += 24h;
  CHECK(expiry.now() == kNoon + 2h);
}

}  // namespace tally::tools
