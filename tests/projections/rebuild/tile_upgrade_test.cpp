#include "projections/rebuild/tile_upgrade.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "events/ledger/ledger.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "events/log/tile_rows.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tests/projections/rebuild/small_events.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/rows_of.hpp"

// Ledgers of many small events without any projection: their tiles made anew, and compared.
using namespace tally;
using events::Family;
using projections::Difference;
using projections::make_tiles;
using projections::RebuildMode;
using testing::change_row;
using testing::kSmallEvents;
using testing::make_small_events;
using testing::numbered_workspace;
using testing::RowList;
using testing::rows_of;
using testing::value_of;

namespace {

constexpr std::uint64_t kStep = 256;

/// As the release before has left it.
void make_old(events::Store& store) {
  for (const auto& [key, value] : rows_of(store, Family::tile)) change_row(store, Family::tile, key, std::nullopt);
  for (const auto& [name, value] : rows_of(store, Family::meta)) {
    if (!name.starts_with(events::kWorkspaceSizePrefix)) continue;
    const bool is_of_none = name == events::workspace_row(events::kWorkspaceSizePrefix, {});
    change_row(store, Family::meta, name, is_of_none ? std::nullopt : std::optional{value.substr(0, 8)});
  }
  const events::MetaRow row = events::storage_mark(events::kStorageVersionOfTiles - 1);
  change_row(store, Family::meta, row.name, row.value);
}

core::Result<std::uint64_t> upgrade(events::Store& store) { return make_tiles(store, {}, kStep); }

projections::RebuildReport compared(events::Store& store, RebuildMode mode = RebuildMode::check) {
  return value_of(projections::rebuild(store, {}, mode, {}));
}

}  // namespace

TEST_CASE("tile upgrade: what comes out is what the writer would have written, and nothing else",
          "[projections][upgrade]") {
  const auto store = make_small_events();
  const RowList tiles = rows_of(*store, Family::tile);
  const RowList meta = rows_of(*store, Family::meta);
  REQUIRE(tiles.size() == 2 * (kSmallEvents / 256) + 4);
  make_old(*store);
  REQUIRE(rows_of(*store, Family::meta) != meta);
  std::vector<std::uint64_t> progress;
  const auto tell = [&](const projections::RebuildProgress& step) { progress.push_back(step.events_done); };
  CHECK(value_of(make_tiles(*store, tell, kStep)) == kSmallEvents);
  CHECK(progress.front() == 0);
  CHECK(progress.back() == kSmallEvents);
  CHECK((rows_of(*store, Family::tile) == tiles));
  CHECK((rows_of(*store, Family::meta) == meta));
}

TEST_CASE("tile upgrade: cut short at any call it goes on with the next, and has the old version until then",
          "[projections][upgrade][fault]") {
  const auto kept = GENERATE(testing::FailedCommit::lost, testing::FailedCommit::kept);
  const auto whole = make_small_events();
  bool went_on = false;
  std::uint64_t failures = 0;
  for (std::uint64_t fail_at = 1;; ++fail_at) {
    INFO("call " << fail_at);
    const auto store = make_small_events();
    make_old(*store);
    testing::FaultPlan plan{fail_at};
    testing::FaultyStore faulty{*store, plan, kept};
    if (upgrade(faulty).has_value()) break;
    ++failures;
    if (!value_of(events::has_tiles(*store))) {
      std::optional<std::uint64_t> begun_at;
      const auto tell = [&](const projections::RebuildProgress& step) {
        if (!begun_at) begun_at = step.events_done;
      };
      REQUIRE(make_tiles(*store, tell, kStep).has_value());
      went_on |= *begun_at > 0;
    }
    CHECK((rows_of(*store, Family::tile) == rows_of(*whole, Family::tile)));
    CHECK((rows_of(*store, Family::meta) == rows_of(*whole, Family::meta)));
  }
  CHECK(failures > 10);
  CHECK(went_on);
}

TEST_CASE("tile upgrade: a log that is not the head's, and workspaces that are not, keep the old version",
          "[projections][upgrade]") {
  const auto store = make_small_events();
  make_old(*store);
  const auto damage = GENERATE(0, 1, 2);
  if (damage == 0) {  // another event of the same number
    auto event = *value_of(events::read_event(*store, {8}));
    event.recorded_at += std::chrono::seconds{1};
    events::EventEncoder encoder;
    change_row(*store, Family::log, events::key_of({8}), std::string{core::as_text(value_of(encoder.encode(event)))});
  } else if (damage == 1) {
    const std::string name = events::workspace_row(events::kWorkspaceSizePrefix, numbered_workspace(1).uuid());
    change_row(*store, Family::meta, name, events::key_of({7}));
  } else {
    auto event = *value_of(events::read_event(*store, {9}));
    event.workspace_sequence += 1;
    events::EventEncoder encoder;
    change_row(*store, Family::log, events::key_of({9}), std::string{core::as_text(value_of(encoder.encode(event)))});
  }
  for (int turn = 0; turn < 2; ++turn) {
    const auto made = upgrade(*store);
    REQUIRE(made.has_error());
    CHECK(made.error().code == core::Errc::corrupt);
    CHECK_FALSE(value_of(events::has_tiles(*store)));
  }
}

TEST_CASE("tile upgrade: after a log that was damaged and is put right it succeeds", "[projections][upgrade]") {
  const auto store = make_small_events();
  make_old(*store);
  const auto good = value_of(store->get(Family::log, events::key_of({8})));
  auto event = *value_of(events::read_event(*store, {8}));
  event.recorded_at += std::chrono::seconds{1};
  events::EventEncoder encoder;
  change_row(*store, Family::log, events::key_of({8}), std::string{core::as_text(value_of(encoder.encode(event)))});
  REQUIRE(upgrade(*store).has_error());
  change_row(*store, Family::log, events::key_of({8}), good);
  CHECK(value_of(upgrade(*store)) == kSmallEvents);
  CHECK(compared(*store).differences == 0);
}

TEST_CASE("rebuild: tiles and workspaces' trees are compared, and stay as they are", "[projections][rebuild]") {
  const auto store = make_small_events();
  CHECK(compared(*store).differences == 0);
  const std::string leaves = events::tile_key(0, 2);
  const std::string root = events::tile_key(numbered_workspace(2).uuid(), 1, 0);
  const std::string tree = events::workspace_row(events::kWorkspaceSizePrefix, numbered_workspace(3).uuid());
  struct Damage {
    Family family;
    std::string key;
    std::optional<std::string> value;
    Difference::Kind kind;
  };
  const std::string unknown_tree = events::workspace_row(events::kWorkspaceSizePrefix, numbered_workspace(9).uuid());
  for (const auto& [family, key, value, kind] : std::vector<Damage>{
           {Family::tile, leaves, "x", Difference::Kind::changed},
           {Family::tile, leaves, std::nullopt, Difference::Kind::missing},
           {Family::tile, root, "x", Difference::Kind::changed},
           {Family::tile, events::tile_key(0, kSmallEvents / 256), "x", Difference::Kind::extra},
           {Family::tile, events::tile_key(numbered_workspace(2).uuid(), 1, 1), "x", Difference::Kind::extra},
           {Family::tile, events::tile_key(numbered_workspace(9).uuid(), 1, 0), "x", Difference::Kind::extra},
           {Family::tile, "no key", "x", Difference::Kind::extra},
           {Family::meta, tree, "x", Difference::Kind::changed},
           {Family::meta, tree, std::nullopt, Difference::Kind::missing},
           {Family::meta, unknown_tree, "x", Difference::Kind::extra},
       }) {
    INFO(events::name_of(family) << " " << core::to_hex(core::as_bytes(key)));
    const auto before = value_of(store->get(family, key));
    change_row(*store, family, key, value);
    for (const RebuildMode mode : {RebuildMode::check, RebuildMode::promote}) {
      const auto report = compared(*store, mode);
      CHECK(report.differences == 1);
      REQUIRE(report.first_differences.size() == 1);
      CHECK(report.first_differences[0].family == family);
      CHECK(report.first_differences[0].key_hex == core::to_hex(core::as_bytes(key)));
      CHECK(report.first_differences[0].kind == kind);
    }
    CHECK(value_of(store->get(family, key)) == value);
    change_row(*store, family, key, before);
  }
  CHECK(compared(*store).differences == 0);
}

TEST_CASE("rebuild: a log that is not what its head commits to is corrupt, and nothing is promoted",
          "[projections][rebuild]") {
  const auto store = make_small_events();
  auto event = *value_of(events::read_event(*store, {8}));
  event.recorded_at += std::chrono::seconds{1};
  events::EventEncoder encoder;
  change_row(*store, Family::log, events::key_of({8}), std::string{core::as_text(value_of(encoder.encode(event)))});
  const auto rebuilt = projections::rebuild(*store, {}, RebuildMode::promote, {});
  REQUIRE(rebuilt.has_error());
  CHECK(rebuilt.error().code == core::Errc::corrupt);
}
