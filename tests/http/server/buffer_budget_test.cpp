#include "http/server/buffer_budget.hpp"

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
using tally::testing::network;
using tally::testing::SeededRandom;
using Hold = BufferBudget::Hold;

namespace {}  // namespace

TEST_CASE("buffer budget: a network has its share, all together have what there is", "[http][crowd]") {
  BufferBudget budget{{100, 40}, 1};
  Hold one;
  Hold other_of_one;
  CHECK(one.grow_to(budget, network(1), 30));
  CHECK_FALSE(other_of_one.grow_to(budget, network(1), 11));
  CHECK(other_of_one.bytes() == 0);
  CHECK(other_of_one.grow_to(budget, network(1), 10));
  Hold two;
  Hold three;
  CHECK(two.grow_to(budget, network(2), 40));
  CHECK_FALSE(budget.is_full_for(network(3), 40));
  CHECK(budget.is_full_for(network(3), 41));
  CHECK(budget.is_full_for(network(1), 1));
  CHECK_FALSE(three.grow_to(budget, network(3), 21));
  CHECK(three.grow_to(budget, network(3), 20));
  CHECK(budget.held() == 100);
  two.release();
  CHECK(budget.held() == 60);
  CHECK(three.grow_to(budget, network(3), 40));
}

TEST_CASE("buffer budget: a hold grows step by step, keeps what it has, and ends once", "[http][crowd]") {
  BufferBudget budget{{100, 40}, 1};
  {
    Hold hold;
    CHECK(hold.grow_to(budget, network(1), 16));
    CHECK(hold.grow_to(budget, network(1), 8));
    CHECK(hold.bytes() == 16);
    CHECK(hold.grow_to(budget, network(1), 32));
    CHECK_FALSE(hold.grow_to(budget, network(1), 48));
    CHECK(hold.bytes() == 32);
    // It stays the first network's, whoever asks now.
    CHECK_FALSE(hold.grow_to(budget, network(2), 41));
    CHECK(budget.is_full_for(network(1), 9));
    hold.release();
    hold.release();
    CHECK(budget.held() == 0);
    CHECK(hold.grow_to(budget, network(2), 40));
  }
  CHECK(budget.held() == 0);
}

TEST_CASE("buffer budget: more than there is at all is refused, and holds nothing", "[http][crowd]") {
  BufferBudget budget{{100, 100}, 1};
  Hold hold;
  CHECK_FALSE(hold.grow_to(budget, network(1), 101));
  CHECK_FALSE(hold.grow_to(budget, network(1), SIZE_MAX));
  CHECK(budget.held() == 0);
}

TEST_CASE("buffer budget: many threads never hold more than there is, and nothing is left", "[http][crowd]") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  constexpr std::size_t kAll = 1'000;
  constexpr std::size_t kShare = 300;
  BufferBudget budget{{kAll, kShare}, seed};
  std::array<std::atomic<std::size_t>, 5> held_by{};
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      SeededRandom random{seed + number};
      for (int step = 0; step < 20'000; ++step) {
        Hold hold;
        const std::size_t whose = random.below(held_by.size());
        if (!hold.grow_to(budget, network(whose), 1 + random.below(kShare))) continue;
        if (held_by[whose].fetch_add(hold.bytes()) + hold.bytes() > kShare) is_over = true;
        held_by[whose].fetch_sub(hold.bytes());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(is_over);
  CHECK(budget.held() == 0);
  for (std::size_t whose = 0; whose < held_by.size(); ++whose) CHECK_FALSE(budget.is_full_for(network(whose), kShare));
}
