#include "http/watch/stream_places.hpp"

#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using http::StreamKind;
using http::StreamPlace;
using http::StreamPlaces;

namespace {

using Places = std::vector<std::unique_ptr<StreamPlace>>;

/// Ids that are all different.
struct Draws {
  template <class Id>
  Id draw() {
    return core::draw_id<Id>(random, core::timestamp_of_micros(1'800'000'000'000'000));
  }
  testing::SeededRandom random{1};
};

/// Takes as many as there are; then the reason why there is none.
core::Errc fill(Places& taken, StreamPlaces& places, StreamKind kind, const auto& whose) {
  for (;;) {
    const auto [person, workspace] = whose();
    auto place = places.take(kind, person, workspace);
    if (place.has_error()) return place.error().code;
    taken.push_back(std::move(*place));
  }
}

}  // namespace

TEST_CASE("stream places: a person, a workspace and all have so many, and each is given back", "[api][live][export]") {
  struct Row {
    StreamKind kind;
    std::size_t all, per_workspace, per_person;
  };
  const auto row = GENERATE(Row{StreamKind::live, 200, 50, 4}, Row{StreamKind::exported, 50, 10, 4});
  Draws draws;
  StreamPlaces places;
  Places taken;
  const auto person = draws.draw<core::UserId>();
  const auto workspace = draws.draw<core::WorkspaceId>();
  SECTION("of one person, in any workspace") {
    const auto code = fill(taken, places, row.kind, [&] { return std::pair{person, draws.draw<core::WorkspaceId>()}; });
    CHECK(code == core::Errc::rate_limited);
    CHECK(taken.size() == row.per_person);
  }
  SECTION("of one workspace, by anybody") {
    const auto code = fill(taken, places, row.kind, [&] { return std::pair{draws.draw<core::UserId>(), workspace}; });
    CHECK(code == core::Errc::rate_limited);
    CHECK(taken.size() == row.per_workspace);
  }
  SECTION("of all") {
    const auto code = fill(taken, places, row.kind,
                           [&] { return std::pair{draws.draw<core::UserId>(), draws.draw<core::WorkspaceId>()}; });
    CHECK(code == core::Errc::overloaded);
    CHECK(taken.size() == row.all);
  }
  // The other kind has places of its own, and a place that was given back is free.
  const StreamKind other = row.kind == StreamKind::live ? StreamKind::exported : StreamKind::live;
  CHECK(places.take(other, person, workspace).has_value());
  taken.pop_back();
  CHECK(places.take(row.kind, draws.draw<core::UserId>(), draws.draw<core::WorkspaceId>()).has_value());
}

TEST_CASE("stream places: what is refused says whose bound it is", "[api][live]") {
  Draws draws;
  StreamPlaces places;
  Places taken;
  const auto person = draws.draw<core::UserId>();
  const auto workspace = draws.draw<core::WorkspaceId>();
  fill(taken, places, StreamKind::live, [&] { return std::pair{person, workspace}; });
  const auto refused = places.take(StreamKind::live, person, workspace);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail == "this person has 4 live streams already, which is the most: end one first");
}

TEST_CASE("stream places: many threads take and give back, and all are free in the end", "[api][live]") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  Draws draws;
  const std::vector people{draws.draw<core::UserId>(), draws.draw<core::UserId>(), draws.draw<core::UserId>()};
  const auto workspace = draws.draw<core::WorkspaceId>();
  StreamPlaces places;
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      testing::SeededRandom random{seed + number};
      for (int step = 0; step < 5'000; ++step) {
        const auto place = places.take(StreamKind::live, people[random.below(people.size())], workspace);
        static_cast<void>(place);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Places taken;
  for (const core::UserId person : people) {
    const std::size_t before = taken.size();
    fill(taken, places, StreamKind::live, [&] { return std::pair{person, workspace}; });
    CHECK(taken.size() - before == http::limits::kLiveStreamsPerPersonMax);
  }
}
