#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "events/memory/memory_store.hpp"
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

/// The size of a batch decides how the next one is gathered.
void commit_at_once(Sequencer& sequencer, std::size_t count) {
  Gate gate;
  Told held;
  std::vector<Told> together(count);
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& told : together) {
    auto one = work(told, append_one);
    REQUIRE(sequencer.submit(one).has_value());
  }
  gate.open();
  for (Told& told : together) REQUIRE(told.wait() == Told::kDurable);
}

TEST_CASE("gather: works that come while submitters are busy share a batch", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  constexpr int kRounds = 200;
  std::vector<Told> writes(kRounds);
  std::vector<Told> reads(kRounds);
  int shared = 0;
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 2, .gather_time = kForEver, .submitters = 1}};
  commit_at_once(sequencer, 2);
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

TEST_CASE("gather: ends when the first of the busy submitters rests", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver, .submitters = 2}};
  commit_at_once(sequencer, 2);
  sequencer.submitter_is_busy();
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(sequencer.queued() == 1);
  sequencer.submitter_rests();
  CHECK(told.comes());
}

TEST_CASE("gather: after a large batch it ends when the last of the busy submitters rests", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 24, .gather_time = kForEver, .submitters = 2}};
  commit_at_once(sequencer, 4);
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK_FALSE(told.has_come());
  sequencer.submitter_rests();
  CHECK(told.comes());
}

TEST_CASE("gather: does not begin while a submitter rests", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver, .submitters = 2}};
  commit_at_once(sequencer, 2);
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(told.comes());
}

TEST_CASE("gather: a work of a thread that is not counted does not wait for resting ones", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  std::vector<Told> told(50);  // each may meet the writer asleep or on its way there
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver, .submitters = 1}};
  for (Told& each : told) {
    commit_at_once(sequencer, 2);
    std::this_thread::yield();
    auto one = work(each, append_one);
    REQUIRE(sequencer.submit(one).has_value());
    REQUIRE(each.comes());
  }
}

TEST_CASE("gather: without submitters nothing is gathered", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{*store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver}};
  commit_at_once(sequencer, 2);
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(told.comes());
}

TEST_CASE("gather: lasts no longer than its time, however busy they are", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Told told;
  Sequencer sequencer{*store, {}, {}, {.gathered = 100, .gather_time = std::chrono::milliseconds{1}, .submitters = 1}};
  commit_at_once(sequencer, 2);
  sequencer.submitter_is_busy();
  auto one = work(told, append_one);
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(told.comes());
}

TEST_CASE("gather: whoever is alone does not wait", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  std::vector<Told> told(3);
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver, .submitters = 1}};
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
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = kForEver, .gathered = 100, .gather_time = kForEver, .submitters = 1}};
  commit_at_once(sequencer, 2);
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
