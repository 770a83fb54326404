#include "http/frame/password_queue.hpp"

#include <map>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

using namespace tally;
using http::HashingFor;
using http::PasswordQueue;

namespace {

constexpr PasswordQueue::Bounds kRoomy{100, 50, 50};

/// One after the other, as one thread would run them: whose turns they were.
std::vector<HashingFor> run_all(PasswordQueue& queue, const std::map<PasswordQueue::Ticket, HashingFor>& who) {
  std::vector<HashingFor> order;
  while (const auto ticket = queue.next()) {
    order.push_back(who.at(*ticket));
    queue.done(*ticket);
  }
  return order;
}

std::vector<std::uint64_t> addresses_of(const std::vector<HashingFor>& order) {
  std::vector<std::uint64_t> addresses;
  for (const HashingFor& each : order) addresses.push_back(each.address);
  return addresses;
}

}  // namespace

TEST_CASE("password queue: addresses take turns, and at each its names do", "[api][password]") {
  PasswordQueue queue{kRoomy};
  std::map<PasswordQueue::Ticket, HashingFor> who;
  const auto enter = [&](HashingFor each) { who.emplace(*queue.enter(each).ticket, each); };
  for (int count = 0; count < 3; ++count) enter({1, 11});
  enter({1, 12});
  enter({2, 21});
  const auto order = run_all(queue, who);
  CHECK(addresses_of(order) == std::vector<std::uint64_t>{1, 2, 1, 1, 1});
  CHECK(order[2].name == 12);
  CHECK(queue.waiting() == 0);
}

TEST_CASE("password queue: neither an address nor a name has more than one running", "[api][password]") {
  PasswordQueue queue{kRoomy};
  const auto first = *queue.enter({1, 11}).ticket;
  const auto same_address = *queue.enter({1, 12}).ticket;
  const auto same_name = *queue.enter({2, 11}).ticket;
  CHECK(queue.next() == first);
  CHECK(queue.next() == std::nullopt);
  queue.done(first);
  CHECK(queue.next() == same_name);
  CHECK(queue.next() == same_address);
  CHECK(queue.next() == std::nullopt);
}

TEST_CASE("password queue: whoever leaves gives its place up", "[api][password]") {
  PasswordQueue queue{{1, 1, 1}};
  const auto first = *queue.enter({1, 11}).ticket;
  CHECK_FALSE(queue.enter({2, 21}).ticket);
  queue.leave(first);
  queue.leave(first);
  const auto second = queue.enter({2, 21}).ticket;
  REQUIRE(second);
  CHECK(queue.next() == second);
  CHECK(queue.is_running(*second));
  CHECK_FALSE(queue.is_running(first));
}

TEST_CASE("password queue: those that wait are bounded, of an address and of a name", "[api][password]") {
  PasswordQueue queue{{100, 3, 2}};
  CHECK(queue.enter({1, 11}).ticket);
  CHECK(queue.enter({1, 11}).ticket);
  CHECK_FALSE(queue.enter({1, 11}).ticket);
  CHECK(queue.enter({1, 12}).ticket);
  CHECK_FALSE(queue.enter({1, 13}).ticket);
  CHECK(queue.enter({2, 11}).ticket);
}

TEST_CASE("password queue: where all places are taken, whoever has the most gives one up", "[api][password]") {
  PasswordQueue queue{{4, 4, 4}};
  for (int count = 0; count < 2; ++count) CHECK(queue.enter({1, 11}).ticket);
  const auto last_of_most = queue.enter({1, 11}).ticket;
  CHECK(queue.enter({1, 12}).ticket);
  const auto entered = queue.enter({2, 21});
  CHECK(entered.ticket);
  CHECK(entered.pushed_out == last_of_most);
  // Two and two would be three and two: nobody has more than who comes.
  CHECK(queue.enter({2, 21}).pushed_out.has_value());
  CHECK_FALSE(queue.enter({2, 21}).ticket);
  CHECK(queue.waiting() == 4);
}

TEST_CASE("password queue: nobody waits for more than one of each other address", "[api][password]") {
  const auto seed = GENERATE(take(20, random(1, 1'000'000)));
  CAPTURE(seed);
  testing::SeededRandom random{static_cast<std::uint64_t>(seed)};
  const auto below = [&](std::uint8_t bound) {
    std::array<std::uint8_t, 1> byte;
    random.fill(byte);
    return static_cast<std::uint64_t>(byte[0] % bound);
  };
  PasswordQueue queue{{40, 8, 4}};
  std::map<PasswordQueue::Ticket, HashingFor> who;
  std::vector<PasswordQueue::Ticket> running;
  // Of each that waits: how often others had their turn since, while its own address had none.
  std::map<PasswordQueue::Ticket, std::map<std::uint64_t, int>> passed;
  for (int step = 0; step < 2'000; ++step) {
    const auto action = below(4);
    if (action <= 1) {
      const std::uint64_t address = 1 + below(6);
      const HashingFor each{address, 10 * address + below(4)};
      const auto entered = queue.enter(each);
      if (entered.pushed_out) {
        who.erase(*entered.pushed_out);
        passed.erase(*entered.pushed_out);
      }
      if (entered.ticket) who.emplace(*entered.ticket, each);
    } else if (action == 2 && running.empty()) {
      const auto ticket = queue.next();
      if (!ticket) continue;
      const HashingFor turn = who.at(*ticket);
      who.erase(*ticket);
      passed.erase(*ticket);
      for (const auto& [waiting, of] : who) {
        if (of.address == turn.address) {
          passed[waiting].clear();
        } else {
          REQUIRE(++passed[waiting][turn.address] == 1);
        }
      }
      running.push_back(*ticket);
    } else if (!running.empty()) {
      queue.done(running.front());
      running.erase(running.begin());
    }
    REQUIRE(queue.waiting() == who.size());
  }
}

TEST_CASE("password queues: whoever is known waits for one stranger at a time, however many there are",
          "[api][password]") {
  http::PasswordQueues queues{{600, 32, 16, 64}, {8, 8, 8}};
  std::size_t strangers = 0;
  for (std::uint64_t address = 1; address <= 1'000; ++address) {
    if (queues.enter({address, 1'000 + address}).ticket) ++strangers;
  }
  CHECK(strangers == 600);
  const auto known = queues.enter({5, 1'005, http::Acquaintance::known}).ticket;
  REQUIRE(known);
  std::size_t before = 0;
  for (; before < 10; ++before) {
    const auto ticket = queues.next();
    REQUIRE(ticket);
    CHECK(queues.is_running(*ticket));
    queues.done(*ticket);
    if (ticket == known) break;
  }
  CHECK(before <= 1);
}

TEST_CASE("password queues: one name has few places, from however many addresses it is tried", "[api][password]") {
  http::PasswordQueues queues{{600, 32, 16, 64}, {600, 32, 16}};
  std::size_t entered = 0;
  for (std::uint64_t address = 1; address <= 600; ++address) {
    if (queues.enter({address, 7}).ticket) ++entered;
  }
  CHECK(entered == 64);
  CHECK(queues.enter({601, 8}).ticket);
  CHECK(queues.enter({602, 7, http::Acquaintance::known}).ticket);
  while (const auto ticket = queues.next()) queues.done(*ticket);
  CHECK(queues.waiting() == 0);
  CHECK(queues.enter({1, 7}).ticket);
}
