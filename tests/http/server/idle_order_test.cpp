#include "http/server/idle_order.hpp"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/http/server/numbered_network.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally::http;
using tally::testing::network;
using tally::testing::SeededRandom;
using Place = IdleOrder::Place;

namespace {

using Network = std::optional<ClientNetwork>;

/// Connections in an order, each of some network, that wait from the beginning.
struct Crowd {
  Place& add(const Network& whose) {
    Place& place = places.emplace_back(nullptr);
    order.join(place, whose);
    order.begin_waiting(place);
    return place;
  }
  ~Crowd() {
    for (Place& place : places) order.leave(place);
  }
  IdleOrder order{1};
  std::list<Place> places;
};

}  // namespace

TEST_CASE("idle order: of the network that has most, the one that waits longest gives way", "[http][crowd]") {
  Crowd crowd;
  Place& lone = crowd.add(network(1));
  Place& first = crowd.add(network(2));
  Place& second = crowd.add(network(2));
  CHECK(crowd.order.first() == &first);
  CHECK(crowd.order.rank() == 3);
  // What it already does changes nothing: a word that is no request moves nobody back.
  crowd.order.begin_waiting(first);
  CHECK(crowd.order.first() == &first);
  crowd.order.end_waiting(first);
  crowd.order.begin_waiting(first);
  CHECK(crowd.order.first() == &second);
  crowd.order.end_waiting(second);
  CHECK(crowd.order.first() == &lone);
  CHECK(crowd.order.rank() == 2);
  crowd.order.end_waiting(lone);
  crowd.order.end_waiting(first);
  CHECK(crowd.order.first() == nullptr);
  CHECK(crowd.order.rank() == 0);
}

TEST_CASE("idle order: a proxy's connection gives way only if nobody else waits", "[http][crowd]") {
  Crowd crowd;
  Place& proxys = crowd.add(std::nullopt);
  crowd.add(std::nullopt);
  Place& lone = crowd.add(network(1));
  CHECK(crowd.order.first() == &lone);
  CHECK(crowd.order.rank() == 2);
  crowd.order.end_waiting(lone);
  CHECK(crowd.order.first() == &proxys);
  CHECK(crowd.order.rank() == 1);
}

TEST_CASE("idle order: who never joined is nobody's, and leaving twice is nothing", "[http][crowd]") {
  IdleOrder order{1};
  Place place{nullptr};
  order.begin_waiting(place);
  order.end_waiting(place);
  order.leave(place);
  CHECK(order.first() == nullptr);
  order.join(place, network(1));
  order.begin_waiting(place);
  order.leave(place);
  order.leave(place);
  CHECK(order.first() == nullptr);
  CHECK(order.rank() == 0);
}

TEST_CASE("idle order: whatever connections do, the right one gives way", "[http][crowd]") {
  const std::uint64_t seed = GENERATE(as<std::uint64_t>{}, 1, 2, 3, std::random_device{}());
  CAPTURE(seed);
  SeededRandom random{seed};
  struct Connection {
    std::unique_ptr<Place> place = std::make_unique<Place>(nullptr);
    std::uint64_t whose = 0;  // 0: a proxy's
    int waits_since = 0;      // 0: does not wait
  };
  IdleOrder order{seed};
  std::vector<Connection> connections;
  const auto waiting_of = [&](std::uint64_t whose) {
    return std::ranges::count_if(connections,
                                 [&](const auto& each) { return each.whose == whose && each.waits_since > 0; });
  };
  for (int step = 1; step <= 3'000; ++step) {
    const std::uint64_t choice = random.below(8);
    if (choice == 0 || connections.empty()) {
      connections.push_back({.whose = random.below(6)});
      Connection& newest = connections.back();
      order.join(*newest.place, newest.whose == 0 ? Network{} : network(newest.whose));
      continue;
    }
    const std::size_t index = random.below(connections.size());
    Connection& one = connections[index];
    if (choice == 1) {
      order.leave(*one.place);
      connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(index));
    } else if (choice < 5) {
      order.begin_waiting(*one.place);
      if (one.waits_since == 0) one.waits_since = step;
    } else {
      order.end_waiting(*one.place);
      one.waits_since = 0;
    }
    std::ptrdiff_t most = 0;
    for (std::uint64_t whose = 1; whose < 6; ++whose) most = std::max(most, waiting_of(whose));
    const std::ptrdiff_t of_proxies = waiting_of(0);
    REQUIRE(order.rank() == static_cast<std::size_t>(most > 0 ? most + 1 : of_proxies > 0 ? 1 : 0));
    const Place* first = order.first();
    REQUIRE((first == nullptr) == (most == 0 && of_proxies == 0));
    if (first == nullptr) continue;
    const auto chosen = std::ranges::find_if(connections, [&](const auto& each) { return each.place.get() == first; });
    REQUIRE(chosen != connections.end());
    REQUIRE((most == 0 ? chosen->whose == 0 : chosen->whose != 0 && waiting_of(chosen->whose) == most));
    for (const Connection& other : connections) {
      if (other.whose == chosen->whose && other.waits_since > 0) REQUIRE(other.waits_since >= chosen->waits_since);
    }
  }
  for (Connection& connection : connections) order.leave(*connection.place);
}
