#include "events/log/log.hpp"

#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/keys.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/sample_events.hpp"

namespace tally {
namespace {

using events::Family;

std::unique_ptr<events::Store> store_with(std::size_t events) {
  auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  for (std::size_t number = 0; number < events; ++number) {
    const auto event = testing::sample_new_event(1);
    REQUIRE(transaction.append(testing::sample_context(1'000), event).has_value());
  }
  REQUIRE(transaction.commit().has_value());
  return store;
}

void change(events::Store& store, const std::function<void(events::Batch&)>& write) {
  const auto batch = store.new_batch();
  write(*batch);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

core::Errc walk_error(const events::Reader& reader) {
  events::LogCursor cursor{reader, {0}};
  while (true) {
    const auto event = cursor.next();
    if (event.has_error()) return event.error().code;
    REQUIRE(event->has_value());
  }
}

TEST_CASE("log: a new store has an empty ledger", "[events][log]") {
  const auto store = events::make_memory_store();
  const auto head = events::load_head(*store);
  REQUIRE(head.has_value());
  CHECK(head->tree.size() == 0);
  CHECK_FALSE(events::read_event(*store, {0})->has_value());
}

TEST_CASE("log: the head is the tree over the stored bytes", "[events][log]") {
  const auto store = store_with(11);
  events::CompactRange tree;
  events::LogCursor cursor{*store, {0}};
  for (auto bytes = cursor.next_bytes(); bytes.has_value() && bytes->has_value(); bytes = cursor.next_bytes()) {
    tree.append(events::leaf_hash(**bytes));
  }
  const auto head = events::load_head(*store);
  REQUIRE(head.has_value());
  CHECK(head->tree.size() == 11);
  CHECK(head->tree.root() == tree.root());
  CHECK(head->last_recorded_at == core::timestamp_of_micros(1'000));
}

TEST_CASE("log: a cursor begins where it is told, and ends empty", "[events][log]") {
  const auto store = store_with(5);
  events::LogCursor cursor{*store, {3}};
  CHECK((*cursor.next())->sequence.value == 3);
  CHECK((*cursor.next())->sequence.value == 4);
  CHECK_FALSE(cursor.next()->has_value());
  CHECK_FALSE(cursor.next()->has_value());
}

TEST_CASE("log: a missing event is corrupt, first, middle and last", "[events][log]") {
  const std::uint64_t missing = GENERATE(0U, 2U, 4U);
  const auto store = store_with(5);
  change(*store, [&](events::Batch& batch) { batch.erase(Family::log, events::key_of({missing})); });
  if (missing == 4) {
    CHECK(events::load_head(*store).error().code == core::Errc::corrupt);
  } else {
    CHECK(walk_error(*store) == core::Errc::corrupt);
  }
}

TEST_CASE("log: an event in another's place is corrupt", "[events][log]") {
  const auto store = store_with(5);
  const auto bytes = events::read_event_bytes(*store, {1});
  change(*store, [&](events::Batch& batch) { batch.put(Family::log, events::key_of({2}), **bytes); });
  CHECK(walk_error(*store) == core::Errc::corrupt);
  CHECK(events::read_event(*store, {2}).error().code == core::Errc::corrupt);
}

TEST_CASE("log: an event beyond the head is corrupt", "[events][log]") {
  const auto store = store_with(5);
  change(*store, [&](events::Batch& batch) { batch.put(Family::log, events::key_of({5}), "x"); });
  CHECK(events::load_head(*store).error().code == core::Errc::corrupt);
}

TEST_CASE("log: a damaged head is corrupt at every length and in its form", "[events][log]") {
  const auto store = store_with(5);
  const auto row = store->get(Family::meta, "head");
  REQUIRE(row.has_value());
  REQUIRE(row->has_value());
  for (std::size_t length = 0; length < (*row)->size(); ++length) {
    change(*store, [&](events::Batch& batch) { batch.put(Family::meta, "head", (*row)->substr(0, length)); });
    REQUIRE(events::load_head(*store).has_error());
    CHECK(events::load_head(*store).error().code == core::Errc::corrupt);
  }
  change(*store, [&](events::Batch& batch) { batch.put(Family::meta, "head", "\x02" + (*row)->substr(1)); });
  CHECK(events::load_head(*store).error().code == core::Errc::corrupt);
  change(*store, [&](events::Batch& batch) { batch.erase(Family::meta, "head"); });
  CHECK(events::load_head(*store).error().code == core::Errc::corrupt);
}

}  // namespace
}  // namespace tally
