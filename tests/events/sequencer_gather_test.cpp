#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "events/memory_store.hpp"
#include "tests/events/test_works.hpp"

namespace tally {
namespace {

using events::Family;
using events::Sequencer;
using testing::append_one;
using testing::Gate;
using testing::Told;
using testing::work;

constexpr std::chrono::hours kForEver{1};

/// Only a batch of several lets the next one be gathered.
void commit_two_at_once(Sequencer& sequencer) {
  Gate gate;
  Told held;
  Told pair[2];
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& told : pair) {
    auto one = work(told, append_one);
    REQUIRE(sequencer.submit(one).has_value());
  }
  gate.open();
  for (Told& told : pair) REQUIRE(told.wait() == Told::kDurable);
}

TEST_CASE("gather: works that come while submitters are busy share a batch", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  constexpr int kRounds = 200;
  std::vector<Told> writes(kRounds);
  std::vector<Told> reads(kRounds);
  int shared = 0;
  Sequencer sequencer{*store, {}, {}, {.gathered = 2, .gather_time = kForEver}};
  commit_two_at_once(sequencer);
  sequencer.submitter_is_busy();
  for (std::size_t round = 0; round < kRounds; ++round) {
    const std::string key = std::to_string(round);
    auto first =
        work(writes[round], [key](events::Transaction& transaction) { transaction.put(Family::retry, key, "v"); });
    auto second = work(reads[round], [&, key](events::Transaction&) {
      if (!store->get(Family::retry, key)->has_value()) ++shared;
    });
    REQUIRE(sequencer.submit(first).has_value());
    std::this_thread::yield();
    REQUIRE(sequencer.submit(second).has_value());
    REQUIRE(reads[round].comes());
    REQUIRE(writes[round].wait() == Told::kDurable);
  }
  CHECK(shared == kRounds);
}

TEST_CASE("gather: ends when the last busy submitter rests", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = kForEver}};
  commit_two_at_once(sequencer);
  sequencer.submitter_is_busy();
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  sequencer.submitter_rests();
  CHECK(sequencer.queued() == 1);
  sequencer.submitter_rests();
  CHECK(told.comes());
}

TEST_CASE("gather: a work of a thread that is not counted does not wait for resting ones", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  std::vector<Told> told(50);  // each may meet the writer asleep or on its way there
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = kForEver}};
  for (Told& each : told) {
    commit_two_at_once(sequencer);
    std::this_thread::yield();
    auto one = work(each, append_one);
    REQUIRE(sequencer.submit(one).has_value());
    REQUIRE(each.comes());
  }
}

TEST_CASE("gather: lasts no longer than its time, however busy they are", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = std::chrono::milliseconds{1}}};
  commit_two_at_once(sequencer);
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(told.comes());
}

TEST_CASE("gather: whoever is alone does not wait", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  std::vector<Told> told(3);
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = kForEver}};
  sequencer.submitter_is_busy();
  for (Told& each : told) {
    auto one = work(each, append_one);
    REQUIRE(sequencer.submit(one).has_value());
    REQUIRE(each.comes());
  }
}

TEST_CASE("gather: stopping ends it, and what was gathered is done", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = kForEver}};
  commit_two_at_once(sequencer);
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  sequencer.stop();
  CHECK(told.wait() == Told::kDurable);
  CHECK(sequencer.durable_size() == 3);
}

TEST_CASE("sequencer: the writer's thread is told of its start before its first work", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  std::thread::id writer;
  Sequencer sequencer{*store, {}, {}, {.on_start = [&] { writer = std::this_thread::get_id(); }}};
  Told told;
  std::thread::id worked;
  auto one = work(told, [&](events::Transaction&) { worked = std::this_thread::get_id(); });
  REQUIRE(sequencer.submit(one).has_value());
  REQUIRE(told.wait() == Told::kDurable);
  CHECK(worked == writer);
}

}  // namespace
}  // namespace tally
