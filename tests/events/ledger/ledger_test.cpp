#include "events/ledger/ledger.hpp"

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/memory/memory_store.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/one_row.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally {
namespace {

using events::Family;
using testing::put;

core::Result<events::LedgerHead> start(events::Store& store, std::int64_t at = 1'000) {
  testing::SeededRandom random{static_cast<std::uint64_t>(at)};
  core::CommandContext context;
  context.at = core::timestamp_of_micros(at);
  return events::start_ledger(store, {}, context, random);
}

std::string version_row(std::uint32_t version) {
  std::string row;
  events::append_be32(row, version);
  return row;
}

TEST_CASE("ledger: every start is an event with the size and root that it found", "[events][log]") {
  const auto store = events::make_memory_store();
  core::Digest root = events::CompactRange{}.root();
  for (std::uint64_t starts = 0; starts < 4; ++starts) {
    const auto head = start(*store);
    REQUIRE(head.has_value());
    const auto event = events::read_event(*store, {starts});
    REQUIRE(event.has_value());
    const auto& started = std::get<core::LedgerStarted>((*event)->payload);
    CHECK(started.size == starts);
    CHECK(started.root == root);
    CHECK_FALSE(started.incarnation.is_nil());
    CHECK(head->tree.size() == starts + 1);
    root = head->tree.root();
  }
}

TEST_CASE("ledger: it goes on over a real store", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  for (std::uint64_t starts = 1; starts <= 3; ++starts) {
    auto store = events::open_rocks_store({.folder = folder.str()});
    REQUIRE(store.has_value());
    const auto head = start(**store);
    REQUIRE(head.has_value());
    CHECK(head->tree.size() == starts);
  }
}

TEST_CASE("ledger: a later release's storage version or projection refuses to start, an earlier one's too",
          "[events][log]") {
  const auto store = events::make_memory_store();
  REQUIRE(start(*store).has_value());
  const auto start_with = [&](const char* row, const std::string& value) {
    put(*store, Family::meta, row, value);
    const auto started = start(*store);
    return started.has_error() ? std::optional{started.error().code} : std::nullopt;
  };
  CHECK(start_with("schema", version_row(events::kStorageVersion + 1)) == core::Errc::unknown_event);
  CHECK(start_with("schema", "x") == core::Errc::corrupt);
  CHECK(start_with("schema", version_row(events::kStorageVersion - 1)) == core::Errc::conflict);
  CHECK(start_with("schema", version_row(events::kStorageVersion)) == std::nullopt);
  CHECK(start_with("projection:of_a_later_release", version_row(1)) == core::Errc::unknown_event);
  CHECK(start_with("projection:of_a_later_release", "x") == core::Errc::corrupt);
}

TEST_CASE("ledger: events without a storage version refuse to start", "[events][log]") {
  const auto store = events::make_memory_store();
  REQUIRE(start(*store).has_value());
  const auto batch = store->new_batch();
  batch->erase(Family::meta, "schema");
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
  CHECK(start(*store).error().code == core::Errc::corrupt);
}

TEST_CASE("ledger: a changed last event refuses to start", "[events][log]") {
  const auto store = events::make_memory_store();
  REQUIRE(start(*store, 1'000).has_value());
  REQUIRE(start(*store, 2'000).has_value());
  REQUIRE(start(*store, 3'000).has_value());
  const auto bytes = events::read_event_bytes(*store, {2});
  REQUIRE(bytes.has_value());
  std::string changed = **bytes;
  // A bit of the Merkle root inside the event: it still decodes.
  const auto event = events::read_event(*store, {2});
  const auto root = std::get<core::LedgerStarted>((*event)->payload).root;
  changed[changed.find(core::as_text(root.bytes))] ^= 1;
  put(*store, Family::log, events::key_of({2}), changed);
  REQUIRE(events::read_event(*store, {2}).has_value());
  CHECK(start(*store).error().code == core::Errc::corrupt);
}

TEST_CASE("ledger: a head without a log refuses to start", "[events][log]") {
  const auto store = events::make_memory_store();
  REQUIRE(start(*store).has_value());
  const auto batch = store->new_batch();
  batch->erase(Family::log, events::key_of({0}));
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
  CHECK(start(*store).error().code == core::Errc::corrupt);
}

}  // namespace
}  // namespace tally
