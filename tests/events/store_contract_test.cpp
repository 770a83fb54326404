#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "events/memory/memory_store.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/interruption.hpp"
#include "tests/events/one_row.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

// What every Store promises (events/store/store.hpp), for both of them.
namespace tally {
namespace {

using events::Durability;
using events::Family;
using events::ScanRange;
using testing::value_at;
using RowList = std::vector<std::pair<std::string, std::string>>;

/// One whose memtables are in order, and one whose are not: docs/adr/0009-rows-found-by-hash.md.
constexpr Family kSortedInMemory = Family::token;
constexpr Family kHashedInMemory = Family::secret;

struct MemoryWorld {
  std::unique_ptr<events::Store> store = events::make_memory_store();
};

struct RocksWorld {
  RocksWorld() {
    // With room for so few rows in front of it that they push each other out.
    auto opened = events::open_rocks_store({.folder = folder.str(), .cached_rows_max = 8});
    REQUIRE(opened.has_value());
    store = std::move(*opened);
  }
  testing::TemporaryFolder folder;
  std::unique_ptr<events::Store> store;
};

RowList rows_of(const events::Reader& reader, Family family, const ScanRange& range = {}) {
  RowList rows;
  const auto cursor = reader.scan(family, range);
  for (; cursor->valid(); cursor->next()) rows.emplace_back(cursor->key(), cursor->value());
  REQUIRE(cursor->status().has_value());
  return rows;
}

void put(events::Store& store, Family family, const RowList& rows) {
  const auto batch = store.new_batch();
  for (const auto& [key, value] : rows) batch->put(family, key, value);
  REQUIRE(store.commit(*batch, Durability::synced).has_value());
}

TEMPLATE_TEST_CASE("store: absent is an answer, an empty value another", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  CHECK(value_at(*world.store, Family::token, "a") == std::nullopt);
  put(*world.store, Family::token, {{"a", ""}});
  CHECK(value_at(*world.store, Family::token, "a") == "");
  CHECK(value_at(*world.store, Family::secret, "a") == std::nullopt);
}

TEMPLATE_TEST_CASE("store: a batch is seen by others only once committed, and whole", "[events][store]", MemoryWorld,
                   RocksWorld) {
  TestType world;
  put(*world.store, Family::token, {{"a", "old"}, {"b", "old"}});
  const auto batch = world.store->new_batch();
  CHECK(batch->empty());
  batch->put(Family::token, "a", "new");
  batch->erase(Family::token, "b");
  batch->put(Family::person, "c", "new");
  CHECK_FALSE(batch->empty());
  CHECK(value_at(*batch, Family::token, "a") == "new");
  CHECK(value_at(*batch, Family::token, "b") == std::nullopt);
  CHECK(value_at(*world.store, Family::token, "a") == "old");
  CHECK(value_at(*world.store, Family::token, "b") == "old");
  REQUIRE(world.store->commit(*batch, Durability::synced).has_value());
  CHECK(batch->empty());
  CHECK(rows_of(*world.store, Family::token) == RowList{{"a", "new"}});
  CHECK(value_at(*world.store, Family::person, "c") == "new");
  // It can be used again.
  batch->put(Family::token, "d", "again");
  REQUIRE(world.store->commit(*batch, Durability::buffered).has_value());
  CHECK(rows_of(*world.store, Family::token) == RowList{{"a", "new"}, {"d", "again"}});
}

TEMPLATE_TEST_CASE("store: a snapshot stays at its moment", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  put(*world.store, Family::token, {{"a", "1"}, {"b", "1"}});
  const auto snapshot = world.store->snapshot();
  const auto cursor = world.store->scan(Family::token, {});
  put(*world.store, Family::token, {{"a", "2"}, {"c", "2"}});
  CHECK(rows_of(*snapshot, Family::token) == RowList{{"a", "1"}, {"b", "1"}});
  CHECK(value_at(*snapshot, Family::token, "c") == std::nullopt);
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == "1");
  CHECK(value_at(*world.store, Family::token, "a") == "2");
}

TEMPLATE_TEST_CASE("store: a scan keeps its bounds in both directions", "[events][store]", MemoryWorld, RocksWorld) {
  const Family family = GENERATE(kSortedInMemory, kHashedInMemory);
  TestType world;
  RowList rows;
  for (const char* key : {"a", "b", "ba", "bb", "c", "d"}) rows.emplace_back(key, key);
  put(*world.store, family, rows);
  struct Case {
    std::string from;
    std::string until;
    std::vector<std::string> keys;
  };
  const std::vector<Case> cases{{"", "", {"a", "b", "ba", "bb", "c", "d"}},
                                {"b", "c", {"b", "ba", "bb"}},
                                {"b", "", {"b", "ba", "bb", "c", "d"}},
                                {"", "b", {"a"}},
                                {"bb", "bb", {}},
                                {"c", "b", {}},
                                {"e", "", {}},
                                {"", "a", {}},
                                {"aa", "az", {}}};
  for (Case expected : cases) {
    INFO(expected.from << ".." << expected.until);
    for (const auto direction : {ScanRange::Direction::forward, ScanRange::Direction::backward}) {
      for (const auto purpose : {ScanRange::Purpose::page, ScanRange::Purpose::replay}) {
        std::vector<std::string> keys;
        for (const auto& row : rows_of(*world.store, family, {expected.from, expected.until, direction, purpose})) {
          keys.push_back(row.first);
        }
        CHECK(keys == expected.keys);
      }
      std::reverse(expected.keys.begin(), expected.keys.end());
    }
  }
}

TEMPLATE_TEST_CASE("store: rows are read as they are, and once committed never as they were", "[events][store]",
                   MemoryWorld, RocksWorld) {
  constexpr std::uint64_t kCommits = 1'000;
  constexpr std::uint64_t kRows = 16;
  const Family family = GENERATE(kSortedInMemory, kHashedInMemory);
  TestType world;
  std::atomic<std::uint64_t> committed{0};
  std::atomic<std::uint64_t> seen{0};
  std::atomic<int> went_back{0};
  const auto read = [&](std::uint64_t seed) {
    testing::SeededRandom random{seed};
    while (committed.load() < kCommits) {
      const std::uint64_t least = std::max(committed.load(), seen.load());
      const auto row = world.store->get(family, std::to_string(random.below(kRows)));
      const std::uint64_t value = row.has_value() && *row ? std::stoull(**row) : 0;
      if (value < least) ++went_back;
      std::uint64_t newest = seen.load();
      while (newest < value && !seen.compare_exchange_weak(newest, value)) {
      }
    }
  };
  std::array<std::thread, 2> readers{std::thread{read, 1}, std::thread{read, 2}};
  for (std::uint64_t number = 1; number <= kCommits; ++number) {
    const auto batch = world.store->new_batch();
    for (std::uint64_t row = 0; row < kRows; ++row) batch->put(family, std::to_string(row), std::to_string(number));
    const bool is_done = world.store->commit(*batch, Durability::buffered).has_value();
    // The readers end in any case.
    committed = is_done ? number : kCommits + number;
  }
  for (auto& reader : readers) reader.join();
  CHECK(committed == kCommits);
  CHECK(went_back == 0);
}

TEMPLATE_TEST_CASE("store: a scan that is given up is no end of the rows", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  put(*world.store, kSortedInMemory, {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  std::atomic<bool> gives_up{false};
  const auto direction = GENERATE(ScanRange::Direction::forward, ScanRange::Direction::backward);
  const auto cursor = world.store->scan(kSortedInMemory, {"", "", direction});
  {
    const events::Interruption interruption{gives_up};
    cursor->next();
    REQUIRE(cursor->valid());
    CHECK(cursor->key() == "b");
    gives_up = true;
    cursor->next();
    CHECK_FALSE(cursor->valid());
    REQUIRE(cursor->status().has_error());
    CHECK(cursor->status().error().code == core::Errc::stopping);
  }
  // Others read on.
  CHECK(rows_of(*world.store, kSortedInMemory).size() == 3);
}

TEMPLATE_TEST_CASE("store: keys are ordered as unsigned bytes", "[events][store]", MemoryWorld, RocksWorld) {
  const Family family = GENERATE(kSortedInMemory, kHashedInMemory);
  TestType world;
  const std::string low{"\x01", 1};
  const std::string high{"\xff", 1};
  const std::string zero{"\x00", 1};
  put(*world.store, family, {{high, ""}, {low, ""}, {zero, ""}, {high + high, ""}});
  CHECK(rows_of(*world.store, family) == RowList{{zero, ""}, {low, ""}, {high, ""}, {high + high, ""}});
  CHECK(rows_of(*world.store, family, events::prefix_range(high)) == RowList{{high, ""}, {high + high, ""}});
  CHECK(rows_of(*world.store, family, events::prefix_range(zero)) == RowList{{zero, ""}});
}

TEMPLATE_TEST_CASE("store: a batch's scan is what a scan after its commit would be", "[events][store]", MemoryWorld,
                   RocksWorld) {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  INFO("seed " << seed);
  testing::SeededRandom random{seed};
  const Family family = GENERATE(kSortedInMemory, kHashedInMemory);
  TestType world;
  std::map<std::string, std::string> model;
  for (int round = 0; round < 8; ++round) {
    const auto batch = world.store->new_batch();
    for (int write = 0; write < 200; ++write) {
      const std::string key = std::to_string(random.below(150));
      if (random.below(3) == 0) {
        batch->erase(family, key);
        model.erase(key);
      } else {
        const std::string value(random.below(40), static_cast<char>('a' + random.below(26)));
        batch->put(family, key, value);
        model[key] = value;
      }
      REQUIRE(value_at(*batch, family, key) ==
              (model.contains(key) ? std::optional{model[key]} : std::optional<std::string>{}));
    }
    const std::string from = std::to_string(random.below(150));
    const std::string until = std::to_string(random.below(150));
    RowList expected;
    for (auto row = model.lower_bound(from); row != model.end() && row->first < until; ++row)
      expected.emplace_back(*row);
    CHECK(rows_of(*batch, family, {from, until}) == expected);
    std::reverse(expected.begin(), expected.end());
    CHECK(rows_of(*batch, family, {from, until, ScanRange::Direction::backward}) == expected);
    CHECK(rows_of(*batch, family) == RowList{model.begin(), model.end()});
    REQUIRE(world.store->commit(*batch, Durability::synced).has_value());
    CHECK(rows_of(*world.store, family) == RowList{model.begin(), model.end()});
  }
}

TEMPLATE_TEST_CASE("store: a batch may be written to while it is scanned", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  const auto batch = world.store->new_batch();
  for (int key = 100; key < 140; ++key) batch->put(Family::token, std::to_string(key), "old");
  std::size_t seen = 0;
  for (const auto cursor = batch->scan(Family::token, {}); cursor->valid(); cursor->next(), ++seen) {
    CHECK(cursor->value() == "old");
    batch->put(Family::token, cursor->key(), "much longer than before");
    batch->put(Family::token, "2" + std::string{cursor->key()}, "more");
  }
  CHECK(seen == 40);
  CHECK(rows_of(*batch, Family::token).size() == 80);
}

TEMPLATE_TEST_CASE("store: the log is written blindly", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  const auto batch = world.store->new_batch();
  for (const Family family :
       {Family::log, Family::log_by_token, Family::log_by_workspace, Family::log_by_actor, Family::log_by_user}) {
    batch->put(family, "b", "2");
    batch->put(family, "a", "1");
    CHECK(value_at(*batch, family, "a") == std::nullopt);
  }
  REQUIRE(world.store->commit(*batch, Durability::synced).has_value());
  CHECK(rows_of(*world.store, Family::log) == RowList{{"a", "1"}, {"b", "2"}});
  CHECK(rows_of(*world.store, Family::log_by_user) == RowList{{"a", "1"}, {"b", "2"}});
}

constexpr std::array kShadowed{Family::token, Family::log_by_token};

TEMPLATE_TEST_CASE("shadow: twins begin empty, and leave the live rows alone", "[events][store]", MemoryWorld,
                   RocksWorld) {
  TestType world;
  put(*world.store, Family::token, {{"a", "live"}});
  put(*world.store, Family::person, {{"p", "live"}});
  {
    auto shadow = world.store->make_shadow(kShadowed);
    REQUIRE(shadow.has_value());
    events::Rows& rows = (*shadow)->rows();
    CHECK(value_at(rows, Family::token, "a") == std::nullopt);
    CHECK(value_at(rows, Family::person, "p") == "live");
    rows.put(Family::token, "b", "twin");
    rows.put(Family::token, "c", "gone");
    rows.erase(Family::token, "c");
    CHECK(value_at(rows, Family::token, "b") == "twin");
    CHECK(value_at(rows, Family::token, "c") == std::nullopt);
    REQUIRE((*shadow)->flush().has_value());
    CHECK(rows_of(rows, Family::token) == RowList{{"b", "twin"}});
    CHECK(rows_of(*world.store, Family::token) == RowList{{"a", "live"}});
  }
  CHECK(rows_of(*world.store, Family::token) == RowList{{"a", "live"}});
  // Another one begins empty again.
  auto shadow = world.store->make_shadow(kShadowed);
  REQUIRE(shadow.has_value());
  CHECK(rows_of((*shadow)->rows(), Family::token).empty());
}

TEMPLATE_TEST_CASE("shadow: promoted twins are the live rows", "[events][store]", MemoryWorld, RocksWorld) {
  TestType world;
  put(*world.store, Family::token, {{"a", "live"}});
  put(*world.store, Family::person, {{"p", "live"}});
  CHECK(value_at(*world.store, Family::token, "a") == "live");
  for (const std::string round : {"1", "2", "3"}) {
    auto shadow = world.store->make_shadow(kShadowed);
    REQUIRE(shadow.has_value());
    (*shadow)->rows().put(Family::token, "t" + round, round);
    REQUIRE((*shadow)->flush().has_value());
    // After a flush, writes go on top of what is on disk.
    (*shadow)->rows().put(Family::token, "t" + round, round + round);
    (*shadow)->rows().put(Family::token, "u", "gone");
    REQUIRE((*shadow)->flush().has_value());
    (*shadow)->rows().erase(Family::token, "u");
    (*shadow)->rows().put(Family::log_by_token, "l" + round, "");
    const std::array marks{events::MetaRow{"mark", round}, events::MetaRow{"mark " + round, ""}};
    REQUIRE((*shadow)->promote(marks).has_value());
    CHECK(value_at(*world.store, Family::meta, "mark") == round);
    CHECK(value_at(*world.store, Family::meta, "mark " + round) == "");
    CHECK(rows_of(*world.store, Family::token) == RowList{{"t" + round, round + round}});
    CHECK(value_at(*world.store, Family::token, "t" + round) == round + round);
    CHECK(value_at(*world.store, Family::token, "a") == std::nullopt);
    CHECK(rows_of(*world.store, Family::log_by_token) == RowList{{"l" + round, ""}});
    CHECK(rows_of(*world.store, Family::person) == RowList{{"p", "live"}});
  }
  put(*world.store, Family::token, {{"after", "x"}});
  CHECK(value_at(*world.store, Family::token, "after") == "x");
}

}  // namespace
}  // namespace tally
