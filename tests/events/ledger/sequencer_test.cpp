#include "events/ledger/sequencer.hpp"

#include <atomic>
#include <functional>
#include <new>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/test_works.hpp"
#include "tests/support/faulty_store.hpp"

namespace tally {
namespace {

using events::Family;
using events::Sequencer;

using testing::append_one;
using testing::Gate;
using testing::Told;
using testing::work;

TEST_CASE("sequencer: works of many threads each get their own place, without gaps", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 200;
  std::vector<Told> told(kThreads * kEach);
  std::vector<std::uint64_t> sequences(kThreads * kEach);
  {
    Sequencer sequencer{*store, {}, {}, {}};
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t index = thread * kEach; index < (thread + 1) * kEach; ++index) {
          auto one = work(told[index], [&, index](events::Transaction& transaction) {
            append_one(transaction);
            sequences[index] = transaction.last_sequence()->value;
          });
          while (sequencer.submit(one).has_error()) std::this_thread::yield();
          // Others read while the writer writes.
          if (index % 16 == 0) static_cast<void>(events::load_head(*store->snapshot()));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (auto& one : told) CHECK(one.wait() == Told::kDurable);
    CHECK(sequencer.durable_size() == kThreads * kEach);
  }
  std::sort(sequences.begin(), sequences.end());
  for (std::size_t index = 0; index < sequences.size(); ++index) REQUIRE(sequences[index] == index);
  CHECK(events::load_head(*store)->tree.size() == kThreads * kEach);
}

TEST_CASE("sequencer: who is told finds the event in the store", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {}};
  for (std::uint64_t sequence = 0; sequence < 20; ++sequence) {
    Told told;
    auto one = work(told, append_one);
    REQUIRE(sequencer.submit(one).has_value());
    REQUIRE(told.wait() == Told::kDurable);
    CHECK(events::read_event(*store, {sequence})->has_value());
    CHECK(sequencer.durable_size() == sequence + 1);
  }
}

TEST_CASE("sequencer: each work is asked for before it is run, with its reading and the newest event's time",
          "[events][sequencer]") {
  const auto store = events::make_memory_store();
  // Written by the writer alone, and read when it has answered; Catch is for one thread.
  std::vector<core::Timestamp> readings;
  std::vector<core::Timestamp> newest;
  events::SequencerOptions options;
  options.admit = [&](core::Timestamp reading, core::Timestamp time) -> core::Result<void> {
    readings.push_back(reading);
    newest.push_back(time);
    return newest.size() == 2 ? core::fail(core::Errc::clock_in_doubt, "not now") : core::Result<void>{};
  };
  Sequencer sequencer{*store, {}, {}, options};
  std::vector<core::Errc> answers;
  bool was_run = false;
  for (int count = 0; count < 3; ++count) {
    Told told;
    auto one = work(told, [&](events::Transaction& transaction) {
      was_run = was_run || count == 1;
      append_one(transaction);
    });
    REQUIRE(sequencer.submit(one).has_value());
    answers.push_back(told.wait());
  }
  CHECK(answers == std::vector{Told::kDurable, core::Errc::clock_in_doubt, Told::kDurable});
  CHECK_FALSE(was_run);
  CHECK(sequencer.durable_size() == 2);
  const core::Timestamp first = core::timestamp_of_micros(1'000);
  CHECK(readings == std::vector{first, first, first});
  CHECK(newest == std::vector{core::Timestamp{}, first, first});
}

TEST_CASE("sequencer: works of one batch see each other's writes before they are durable", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {.batch_time = std::chrono::hours{1}}};
  Gate gate;
  Told held;
  Told writes;
  Told reads;
  std::optional<std::string> seen;
  bool was_durable = true;
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  auto second = work(writes, [](events::Transaction& transaction) { transaction.put(Family::retry, "k", "v"); });
  auto third = work(reads, [&](events::Transaction& transaction) {
    seen = **transaction.get(Family::retry, "k");
    was_durable = store->get(Family::retry, "k")->has_value();
  });
  REQUIRE(sequencer.submit(second).has_value());
  REQUIRE(sequencer.submit(third).has_value());
  gate.open();
  CHECK(reads.wait() == Told::kDurable);
  CHECK(seen == "v");
  CHECK_FALSE(was_durable);
  CHECK(**store->get(Family::retry, "k") == "v");
}

TEST_CASE("sequencer: a full queue refuses, and the work stays the caller's", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {.queue_max = 3}};
  Gate gate;
  Told held;
  std::vector<Told> queued(3);
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& told : queued) {
    auto one = work(told, append_one);
    REQUIRE(sequencer.submit(one).has_value());
  }
  CHECK(sequencer.queued() == 3);
  Told refused;
  auto extra = work(refused, append_one);
  const auto submitted = sequencer.submit(extra);
  REQUIRE(submitted.has_error());
  CHECK(submitted.error().code == core::Errc::overloaded);
  CHECK(extra != nullptr);
  gate.open();
  for (Told& told : queued) CHECK(told.wait() == Told::kDurable);
  REQUIRE(sequencer.submit(extra).has_value());
  CHECK(refused.wait() == Told::kDurable);
}

TEST_CASE("sequencer: a lane's flood delays another's work by one work at most", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  // Nothing fits beside the first of a batch.
  Sequencer sequencer{*store, {}, {}, {.batch_time = std::chrono::microseconds{0}}};
  Gate gate;
  Told held;
  std::vector<Told> flood(50);
  Told lone;
  std::uint64_t flood_before = 0;
  std::atomic<std::uint64_t> flood_done = 0;
  auto first = work(held, gate.work(), 3);
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& told : flood) {
    auto one = work(told, [&](events::Transaction&) { ++flood_done; }, 1);
    REQUIRE(sequencer.submit(one).has_value());
  }
  auto last = work(
      lone,
      [&](events::Transaction& transaction) {
        flood_before = flood_done;
        append_one(transaction);
      },
      2);
  REQUIRE(sequencer.submit(last).has_value());
  gate.open();
  CHECK(lone.wait() == Told::kDurable);
  CHECK(flood_before == 1);
  for (Told& told : flood) CHECK(told.wait() == Told::kDurable);
}

TEST_CASE("sequencer: what fills its lane's share is refused, and others are not", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {.queue_max = 100}};
  Gate gate;
  Told held;
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  std::vector<Told> flood(100);
  std::size_t taken = 0;
  for (Told& told : flood) {
    auto one = work(told, append_one);
    if (sequencer.submit(one).has_value()) ++taken;
  }
  CHECK(taken == 50);
  flood.resize(taken);
  Told other;
  auto one = work(other, append_one, 2);
  CHECK(sequencer.submit(one).has_value());
  gate.open();
  CHECK(other.wait() == Told::kDurable);
  for (Told& told : flood) CHECK(told.wait() == Told::kDurable);
}

TEST_CASE("sequencer: stopping does what is queued, then refuses", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {.batch_max = 2}};
  Gate gate;
  Told held;
  std::vector<Told> queued(7);
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& told : queued) {
    auto one = work(told, append_one);
    REQUIRE(sequencer.submit(one).has_value());
  }
  std::thread stopper{[&] { sequencer.stop(); }};
  std::thread other_stopper{[&] { sequencer.stop(); }};
  gate.open();
  stopper.join();
  other_stopper.join();
  for (Told& told : queued) CHECK(told.wait() == Told::kDurable);
  CHECK(sequencer.durable_size() == 7);
  Told late;
  auto one = work(late, append_one);
  CHECK(sequencer.submit(one).error().code == core::Errc::stopping);
}

TEST_CASE("sequencer: a batch that grows too large is committed in parts", "[events][sequencer]") {
  const auto store = events::make_memory_store();
  Sequencer sequencer{*store, {}, {}, {.batch_bytes_max = 1}};
  Gate gate;
  std::vector<Told> told(3);
  Told held;
  std::vector<bool> earlier_is_durable(3);
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (std::uint64_t index = 0; index < 3; ++index) {
    auto one = work(told[index], [&, index](events::Transaction& transaction) {
      earlier_is_durable[index] = index == 0 || events::read_event(*store, {index - 1})->has_value();
      append_one(transaction);
    });
    REQUIRE(sequencer.submit(one).has_value());
  }
  gate.open();
  for (Told& one : told) CHECK(one.wait() == Told::kDurable);
  CHECK(earlier_is_durable == std::vector<bool>{true, true, true});
}

TEST_CASE("sequencer: after a failed write everybody is told that the outcome is unknown", "[events][sequencer]") {
  const auto inner = events::make_memory_store();
  testing::FaultPlan plan{1};
  testing::FaultyStore store{*inner, plan, testing::FailedCommit::lost};
  std::promise<core::Errc> fatal;
  Sequencer sequencer{
      store, {}, {}, {.batch_max = 1, .on_fatal = [&](const core::Error& error) { fatal.set_value(error.code); }}};
  Gate gate;
  Told held;
  std::vector<Told> told(4);
  auto first = work(held, [&](events::Transaction& transaction) {
    transaction.put(Family::retry, "k", "v");
    gate.work()(transaction);
  });
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (Told& one : told) {
    auto queued = work(one, append_one);
    REQUIRE(sequencer.submit(queued).has_value());
  }
  gate.open();
  CHECK(held.wait() == core::Errc::outcome_unknown);
  for (Told& one : told) CHECK(one.wait() == core::Errc::outcome_unknown);
  CHECK(fatal.get_future().get() == core::Errc::outcome_unknown);
  Told late;
  auto refused = work(late, append_one);
  CHECK(sequencer.submit(refused).error().code == core::Errc::outcome_unknown);
  CHECK(sequencer.durable_size() == 0);
  sequencer.stop();
}

/// Works of one batch: the writer is held until all are there.
void run_together(Sequencer& sequencer, std::vector<std::unique_ptr<events::Work>> works) {
  Gate gate;
  Told held;
  auto first = work(held, gate.work());
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  for (auto& one : works) REQUIRE(sequencer.submit(one).has_value());
  gate.open();
  CHECK(held.wait() == Told::kDurable);
}

TEST_CASE("sequencer: a work that fails is taken back and told why, and the others of its batch stay",
          "[events][sequencer]") {
  using Failure = std::function<void(events::Transaction&)>;
  const auto [what, code, failure] = GENERATE(table<std::string, core::Errc, Failure>({
      {"a broken promise", core::Errc::internal, [](events::Transaction&) { TALLY_CHECK(false, "of the work"); }},
      {"an exception", core::Errc::internal, [](events::Transaction&) { throw std::bad_alloc{}; }},
      {"a damaged row", core::Errc::corrupt,
       [](events::Transaction& transaction) { transaction.fail(core::fail(core::Errc::corrupt, "damaged")); }},
      {"an event that is too large", core::Errc::too_large,
       [](events::Transaction& transaction) {
         auto large = testing::sample_new_event(1);
         large.payload = core::AuditRead{std::string(70'000, 'x'), 1};
         static_cast<void>(transaction.append(testing::sample_context(1), large));
       }},
  }));
  CAPTURE(what);
  const auto store = events::make_memory_store();
  std::atomic<int> fatal = 0;
  Sequencer sequencer{
      *store, {}, {}, {.batch_time = std::chrono::hours{1}, .on_fatal = [&](const core::Error&) { ++fatal; }}};
  std::vector<Told> told(3);
  std::vector<std::unique_ptr<events::Work>> works;
  const auto good = [](events::Transaction& transaction) {
    transaction.put(Family::retry, "k", **transaction.get(Family::retry, "k") + "+");
    append_one(transaction);
  };
  works.push_back(work(told[0], [](events::Transaction& transaction) {
    transaction.put(Family::retry, "k", "good");
    append_one(transaction);
  }));
  works.push_back(work(told[1], [fail = failure](events::Transaction& transaction) {
    transaction.put(Family::retry, "k", "half of something, and longer than what was there");
    transaction.put(Family::retry, "new", "row");
    append_one(transaction);
    append_one(transaction);
    fail(transaction);
  }));
  works.push_back(work(told[2], good));
  run_together(sequencer, std::move(works));
  CHECK(told[0].wait() == Told::kDurable);
  CHECK(told[1].wait() == code);
  CHECK(told[2].wait() == Told::kDurable);
  sequencer.stop();
  CHECK(fatal == 0);
  CHECK(**store->get(Family::retry, "k") == "good+");
  CHECK_FALSE(store->get(Family::retry, "new")->has_value());
  const auto head = *events::load_head(*store);
  CHECK(head.tree.size() == 2);
  CHECK(sequencer.durable_size() == 2);
  events::CompactRange tree;
  for (std::uint64_t sequence = 0; sequence < 2; ++sequence) {
    tree.append(events::leaf_hash(core::as_bytes(**store->get(Family::log, events::key_of(core::Sequence{sequence})))));
    CHECK((*events::read_event(*store, {sequence}))->workspace_sequence == sequence);
  }
  CHECK(tree.root() == head.tree.root());
}

TEST_CASE("sequencer: a read that fails inside a work fails that work alone", "[events][sequencer]") {
  const auto inner = events::make_memory_store();
  testing::FaultPlan plan{1};
  testing::FaultyStore store{*inner, plan, testing::FailedCommit::lost};
  std::atomic<int> fatal = 0;
  Sequencer sequencer{store, {}, {}, {.on_fatal = [&](const core::Error&) { ++fatal; }}};
  std::vector<Told> told(2);
  auto one = work(told[0], [](events::Transaction& transaction) {
    static_cast<void>(transaction.get(Family::token, "k"));
    append_one(transaction);
  });
  REQUIRE(sequencer.submit(one).has_value());
  CHECK(told[0].wait() == core::Errc::io_failed);
  auto next = work(told[1], append_one);
  REQUIRE(sequencer.submit(next).has_value());
  CHECK(told[1].wait() == Told::kDurable);
  sequencer.stop();
  CHECK(fatal == 0);
  CHECK(events::load_head(*inner)->tree.size() == 1);
}

}  // namespace
}  // namespace tally
