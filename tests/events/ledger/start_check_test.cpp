#include "events/ledger/start_check.hpp"

#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/keys.hpp"
#include "events/log/tile_rows.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally {
namespace {

using events::Family;

std::unique_ptr<events::Store> start_of(std::uint64_t events) {
  auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  while (transaction.head().tree.size() < events) {
    REQUIRE(transaction.append(testing::sample_context(1'000), testing::sample_new_event(1)).has_value());
  }
  REQUIRE(transaction.commit().has_value());
  return store;
}

/// What a start says; empty: nothing.
std::string words_of_start(const events::Store& store) {
  testing::SeededRandom random{3};
  const auto checked = events::check_at_start(store, *events::load_head(store), random);
  if (checked.has_value()) return "";
  CHECK(checked.error().code == core::Errc::corrupt);
  return checked.error().detail;
}

/// Flips a bit of a row, or takes it away.
void damage_row(events::Store& store, Family family, const std::string& key, bool is_taken_away = false) {
  const auto row = store.get(family, key);
  REQUIRE(row.has_value());
  REQUIRE(row->has_value());
  std::string value = **row;
  value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
  const auto batch = store.new_batch();
  is_taken_away ? batch->erase(family, key) : batch->put(family, key, value);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

TEST_CASE("start: a whole ledger of any length passes", "[events][tiles]") {
  for (const std::uint64_t size : std::initializer_list<std::uint64_t>{0, 1, 255, 256, 257, 600}) {
    INFO("size " << size);
    CHECK(words_of_start(*start_of(size)) == "");
  }
}

TEST_CASE("start: an event behind the last full tile that was changed is found and named", "[events][tiles]") {
  for (const std::uint64_t changed : std::initializer_list<std::uint64_t>{512, 575, 592, 599}) {
    INFO("event " << changed);
    const auto store = start_of(601);
    damage_row(*store, Family::log, events::key_of({changed}));
    const std::string words = words_of_start(*store);
    CHECK_THAT(words, Catch::Contains("event"));
    CHECK_THAT(words, Catch::Contains("that the ledger's head commits to"));
  }
  const auto store = start_of(601);
  damage_row(*store, Family::log, events::key_of({590}));
  CHECK_THAT(words_of_start(*store), Catch::Contains("events 576 to 591"));
}

TEST_CASE("start: a root of the last row of tiles that was changed or is missing is found", "[events][tiles]") {
  const bool is_taken_away = GENERATE(true, false);
  const auto store = start_of(600);
  damage_row(*store, Family::tile, events::tile_key(1, 1), is_taken_away);
  CHECK_THAT(words_of_start(*store), Catch::Contains(is_taken_away ? "tile 1/0" : "events 0 to 511"));
}

TEST_CASE("start: of a short ledger each event is looked at", "[events][tiles]") {
  for (const std::uint64_t changed : std::initializer_list<std::uint64_t>{0, 17, 255}) {
    const auto store = start_of(256);
    damage_row(*store, Family::log, events::key_of({changed}));
    CHECK_THAT(words_of_start(*store), Catch::Contains("event " + std::to_string(changed)));
  }
}

TEST_CASE("start: of a longer one 256 are, wherever they lie", "[events][tiles]") {
  const auto store = start_of(512);
  for (std::uint64_t changed = 100; changed < 200; ++changed)
    damage_row(*store, Family::log, events::key_of({changed}));
  CHECK_THAT(words_of_start(*store), Catch::Contains("its bytes are not those that were hashed (tile 0/0)"));
  const auto other = start_of(512);
  damage_row(*other, Family::tile, events::tile_key(0, 1), true);
  CHECK_THAT(words_of_start(*other), Catch::Contains("tile 0/1 is missing or damaged"));
}

TEST_CASE("start: a last event that is gone is told", "[events][tiles]") {
  const auto store = start_of(3);
  const auto head = *events::load_head(*store);
  damage_row(*store, Family::log, events::key_of({2}), true);
  testing::SeededRandom random{3};
  const auto checked = events::check_at_start(*store, head, random);
  REQUIRE(checked.has_error());
  CHECK(checked.error().code == core::Errc::corrupt);
}

}  // namespace
}  // namespace tally
