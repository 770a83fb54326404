#include "core/ledger/commitment.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace tally::core {

TEST_CASE("commitment: a ledger that is as long as what was signed, or longer, can hold it", "[core][commitment]") {
  const std::array<Commitment, 2> both{Commitment{"checkpoint", {7, {}}}, Commitment{"note", {5, {}}}};
  CHECK(check_holds(7, both).has_value());
  CHECK(check_holds(8, both).has_value());
  CHECK(check_holds(0, {}).has_value());
}

TEST_CASE("commitment: a shorter ledger is damaged, and who has signed more is named with the first missing event",
          "[core][commitment]") {
  const std::array<Commitment, 3> three{Commitment{"checkpoint", {12, {}}, timestamp_of_micros(1'800'000'000'000'000)},
                                        Commitment{"note", {11, {}}}, Commitment{"older note", {10, {}}}};
  const auto held = check_holds(10, three);
  REQUIRE(held.has_error());
  CHECK(held.error().code == Errc::corrupt);
  CHECK(held.error().detail ==
        "the ledger holds 10 events; checkpoint signed 12 at 2027-01-15T08:00:00.000000Z, note signed 11: event 10 is "
        "the first that is missing");
}

}  // namespace tally::core
