#include "http/server/connection_count.hpp"

#include <array>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/http/server/numbered_network.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally::http;
using namespace std::chrono_literals;
using tally::testing::network;
using tally::testing::SeededRandom;
using Entry = ConnectionCount::Entry;
using IdleOnes = ConnectionCount::IdleOnes;

namespace {}  // namespace

TEST_CASE("connection count: beyond its share, a network is told, and then closed", "[http][crowd]") {
  ConnectionCount count{{100, 2}, 1};
  CHECK(count.enter(network(1), IdleOnes::some) == Entry::served);
  CHECK(count.enter(network(1), IdleOnes::some) == Entry::served);
  for (std::size_t told = 0; told < ConnectionCount::kToldMax; ++told) {
    CHECK(count.enter(network(1), IdleOnes::some) == Entry::told);
  }
  CHECK(count.enter(network(1), IdleOnes::some) == Entry::closed);
  CHECK(count.enter(network(2), IdleOnes::some) == Entry::served);
  count.leave_told();
  CHECK(count.enter(network(1), IdleOnes::some) == Entry::told);
  count.leave_served(network(1));
  CHECK(count.enter(network(1), IdleOnes::some) == Entry::served);
  CHECK(count.now() == 3 + ConnectionCount::kToldMax);
}

TEST_CASE("connection count: where all places are taken, an idle one gives way, if there is one", "[http][crowd]") {
  ConnectionCount count{{2, 2}, 1};
  CHECK(count.enter(network(1), IdleOnes::none) == Entry::served);
  CHECK(count.enter(network(2), IdleOnes::none) == Entry::served);
  CHECK(count.enter(network(3), IdleOnes::none) == Entry::told);
  CHECK(count.enter(network(3), IdleOnes::some) == Entry::served_for_another);
  // Those that give way may take their time: no more than so many come in before they are gone.
  for (std::size_t beyond = 1; beyond < ConnectionCount::kBeyondMax; ++beyond) {
    CHECK(count.enter(network(10 + beyond), IdleOnes::some) == Entry::served_for_another);
  }
  CHECK(count.enter(network(4), IdleOnes::some) == Entry::told);
  // Nothing of a share was kept by those that were not let in.
  CHECK(count.take_share(network(4)));
  CHECK(count.take_share(network(4)));
  CHECK_FALSE(count.take_share(network(4)));
}

TEST_CASE("connection count: a proxy's connections are nobody's, its requests their clients'", "[http][crowd]") {
  ConnectionCount count{{10, 1}, 1};
  for (int number = 0; number < 10; ++number) CHECK(count.enter(std::nullopt, IdleOnes::none) == Entry::served);
  CHECK(count.take_share(network(1)));
  CHECK_FALSE(count.take_share(network(1)));
  CHECK(count.take_share(network(2)));
  count.give_back_share(network(1));
  CHECK(count.take_share(network(1)));
  count.leave_served(std::nullopt);
  CHECK(count.now() == 9);
}

TEST_CASE("connection count: many threads stay within the bounds, and all leave", "[http][crowd]") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  constexpr std::size_t kAll = 20;
  constexpr std::size_t kShare = 6;
  ConnectionCount count{{kAll, kShare}, seed};
  std::array<std::atomic<std::size_t>, 5> served_by{};
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      SeededRandom random{seed + number};
      std::vector<std::size_t> mine;
      for (int step = 0; step < 20'000; ++step) {
        if (!mine.empty() && random.below(2) == 0) {
          served_by[mine.back()].fetch_sub(1);
          count.leave_served(network(mine.back()));
          mine.pop_back();
          continue;
        }
        const std::size_t whose = random.below(served_by.size());
        const Entry entry = count.enter(network(whose), IdleOnes::none);
        if (entry == Entry::told) count.leave_told();
        if (entry != Entry::served) continue;
        if (served_by[whose].fetch_add(1) >= kShare) is_over = true;
        mine.push_back(whose);
      }
      for (const std::size_t whose : mine) {
        served_by[whose].fetch_sub(1);
        count.leave_served(network(whose));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(is_over);
  CHECK(count.wait_until_none(0ms));
}
