#include "projections/verify/tile_check.hpp"

#include <catch2/catch.hpp>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tiles.hpp"
#include "projections/rebuild/tile_repair.hpp"
#include "tests/projections/rebuild/small_events.hpp"
#include "tests/projections/verify/handled_ledger.hpp"
#include "tests/support/rows_of.hpp"

// Rows of the trees that were changed behind the ledger's back, and events that tiles remember.
using namespace tally;
using events::Family;
using projections::Finding;
using testing::all_of;
using testing::change_row;
using testing::kSmallEvents;
using testing::make_small_events;
using testing::numbered_workspace;
using testing::rows_of;
using testing::tells;
using testing::value_of;

namespace {

const std::string kWayOut = "; the log is whole: tally verify --repair-tiles";

struct LookedAt {
  projections::VerifiedLog log;
  projections::Findings findings;
};

LookedAt look_at(events::Store& store, std::vector<core::Commitment> signed_by = {}) {
  LookedAt looked;
  looked.log = value_of(projections::verify_log(store, signed_by, looked.findings, {}));
  return looked;
}

core::TreeHead tree_of(events::Store& store, std::uint64_t size) {
  events::CompactRange tree;
  for (const core::Digest& leaf : value_of(events::leaves_of_log(store, 0, size))) tree.append(leaf);
  return {tree.size(), tree.root()};
}

/// An event that says something else, and its leaf hash.
core::Digest change_event(events::Store& store, std::uint64_t place) {
  core::Event event = *value_of(events::read_event(store, {place}));
  event.origin.request_id = "another";
  events::EventEncoder encoder;
  const auto bytes = value_of(encoder.encode(event));
  change_row(store, Family::log, events::key_of({place}), std::string{core::as_text(bytes)});
  return events::leaf_hash(bytes);
}

std::string changed(std::string value) {
  value.back() = static_cast<char>(value.back() ^ 1);
  return value;
}

}  // namespace

TEST_CASE("verify tiles: a whole ledger has nothing wrong", "[projections][verify][tiles]") {
  const auto store = make_small_events();
  const LookedAt looked = look_at(*store, {{"note", tree_of(*store, 300)}});
  INFO(all_of(looked.findings));
  CHECK(looked.findings.count() == 0);
  CHECK(looked.log.is_whole);
}

TEST_CASE("verify tiles: a row that is changed, missing or too much is named, and mended",
          "[projections][verify][tiles]") {
  const auto store = make_small_events();
  const auto tiles = rows_of(*store, Family::tile);
  const auto meta = rows_of(*store, Family::meta);
  const core::Uuid second = numbered_workspace(2).uuid();
  const core::Uuid none{};
  const std::string of_second = "workspace " + numbered_workspace(2).str() + ": ";
  struct Case {
    Family family;
    std::string key;
    std::optional<std::string> value;  ///< Empty: its own, changed by a bit.
    bool is_erased;
    std::string sentence;
  };
  const Case damage = GENERATE_COPY(values<Case>({
      {Family::tile, events::tile_key(0, 3), {}, false, "tile 0/3 is damaged" + kWayOut},
      {Family::tile, events::tile_key(0, 0), "x", false, "tile 0/0 is damaged" + kWayOut},
      {Family::tile, events::tile_key(0, 4), {}, true, "tile 0/4 is missing" + kWayOut},
      {Family::tile, events::tile_key(0, 5), "x", false, "tile 0/5 is there, and the log gives none" + kWayOut},
      {Family::tile, events::tile_key(0, 2) + "x", "x", false, "has a key that is none" + kWayOut},
      {Family::tile, events::tile_key(1, 2), {}, false, "root 2 of tile 1/0 is damaged" + kWayOut},
      {Family::tile, events::tile_key(1, 4), {}, true, "root 4 of tile 1/0 is missing" + kWayOut},
      {Family::tile, events::tile_key(1, 5), "x", false, "root 5 of tile 1/0 is there, and the log"},
      {Family::tile, events::tile_key(2, 0), "x", false, "root 0 of tile 2/0 is there, and the log gives none"},
      {Family::tile, events::tile_key(second, 1, 0), {}, false, of_second + "root 0 of tile 1/0 is damaged" + kWayOut},
      {Family::tile, events::tile_key(none, 1, 0), {}, true, "no workspace: root 0 of tile 1/0 is missing" + kWayOut},
      {Family::tile, events::tile_key(second, 1, 1), "x", false, of_second + "root 1 of tile 1/0 is there, and"},
      {Family::meta,
       events::workspace_row(events::kWorkspaceSizePrefix, second),
       {},
       false,
       of_second + "the roots of its 350 events are damaged" + kWayOut},
      {Family::meta,
       events::workspace_row(events::kWorkspaceSizePrefix, second),
       {},
       true,
       of_second + "the log numbers 350 events, and the ledger says nothing" + kWayOut},
      {Family::meta, events::workspace_row(events::kWorkspaceSizePrefix, numbered_workspace(9).uuid()),
       std::string(8, '\0') + "x", false,
       "workspace " + numbered_workspace(9).str() + ": the roots of its 0 events are damaged" + kWayOut},
  }));
  std::optional<std::string> value = damage.value;
  if (!value && !damage.is_erased) value = changed(value_of(store->get(damage.family, damage.key)).value());
  change_row(*store, damage.family, damage.key, value);
  const LookedAt looked = look_at(*store, {{"note", tree_of(*store, 300)}});
  INFO(all_of(looked.findings));
  CHECK(looked.log.is_whole);
  CHECK(looked.findings.count() == 1);
  CHECK(looked.findings.count_of(Finding::Kind::tile) == 1);
  CHECK(tells(looked.findings, Finding::Kind::tile, damage.sentence));

  const auto report = value_of(projections::repair_tiles(*store, {}));
  CHECK(report.differences == 1);
  CHECK(rows_of(*store, Family::tile) == tiles);
  CHECK(rows_of(*store, Family::meta) == meta);
  CHECK(look_at(*store).findings.count() == 0);
  CHECK(value_of(projections::repair_tiles(*store, {})).differences == 0);
}

TEST_CASE("verify tiles: an event that is not as it was hashed is named where the tiles give the signed root",
          "[projections][verify][tiles]") {
  const auto store = make_small_events();
  const core::Commitment note{"note", tree_of(*store, 600)};
  SECTION("changed") {
    change_event(*store, 300);
    change_event(*store, 550);
    const LookedAt looked = look_at(*store, {note});
    INFO(all_of(looked.findings));
    CHECK_FALSE(looked.log.is_whole);
    CHECK(
        tells(looked.findings, Finding::Kind::root, "event 300: its bytes are not those that were hashed (tile 0/1)"));
    CHECK(
        tells(looked.findings, Finding::Kind::root, "event 550: its bytes are not those that were hashed (tile 0/2)"));
    CHECK_FALSE(tells(looked.findings, Finding::Kind::tile, ""));
  }
  SECTION("one is missing, and a later one changed") {
    change_row(*store, Family::log, events::key_of({40}), std::nullopt);
    change_event(*store, 300);
    const LookedAt looked = look_at(*store, {note});
    INFO(all_of(looked.findings));
    CHECK(tells(looked.findings, Finding::Kind::missing, "event 40 is missing"));
    CHECK(
        tells(looked.findings, Finding::Kind::root, "event 300: its bytes are not those that were hashed (tile 0/1)"));
    CHECK_FALSE(tells(looked.findings, Finding::Kind::tile, ""));
  }
  SECTION("a tile is damaged besides") {
    change_event(*store, 300);
    change_row(*store, Family::tile, events::tile_key(1, 4), std::nullopt);
    const LookedAt looked = look_at(*store, {note});
    INFO(all_of(looked.findings));
    CHECK(tells(looked.findings, Finding::Kind::root, "event 300: its bytes are not"));
    CHECK(tells(looked.findings, Finding::Kind::tile, "root 4 of tile 1/0 is missing"));
  }
}

TEST_CASE("verify tiles: where neither the events nor the tiles give the signed root, none is named",
          "[projections][verify][tiles]") {
  const auto store = make_small_events();
  const core::Commitment note{"note", tree_of(*store, 1'280)};
  const core::Digest leaf = change_event(*store, 300);
  std::string tile = value_of(store->get(Family::tile, events::tile_key(0, 1))).value();
  SECTION("both were changed alike") {
    tile.replace((300 - 256) * sizeof(leaf.bytes), sizeof(leaf.bytes), core::as_text(leaf.bytes));
    change_row(*store, Family::tile, events::tile_key(0, 1), tile);
    const LookedAt looked = look_at(*store, {note});
    INFO(all_of(looked.findings));
    CHECK(tells(looked.findings, Finding::Kind::root,
                "root at 1280 is not the signed one (note signed 1280); tiles and events agree, so both were changed: "
                "one of the events 0 to 1279 is not as it was written"));
    CHECK(tells(looked.findings, Finding::Kind::tile, "root 1 of tile 1/0 and the events differ"));
  }
  SECTION("and both otherwise") {
    change_row(*store, Family::tile, events::tile_key(0, 1), changed(tile));
    const LookedAt looked = look_at(*store, {note});
    INFO(all_of(looked.findings));
    CHECK(tells(looked.findings, Finding::Kind::tile, "tile 0/1 and the events differ"));
    CHECK_FALSE(tells(looked.findings, Finding::Kind::root, "event 300"));
  }
}

TEST_CASE("verify tiles: of a ledger of before none are asked for, nor where they are left out",
          "[projections][verify][tiles]") {
  const auto store = make_small_events();
  change_row(*store, Family::tile, events::tile_key(0, 1), std::nullopt);
  projections::Findings findings;
  value_of(projections::verify_log(*store, {}, findings, {}, projections::TreeRows::left_out));
  CHECK(findings.count() == 0);
  const auto before = events::storage_mark(events::kStorageVersionOfTiles - 1);
  change_row(*store, Family::meta, before.name, before.value);
  CHECK(look_at(*store).findings.count() == 0);
}

TEST_CASE("verify tiles: a key that is far away ends the walk all the same", "[projections][verify][tiles]") {
  const auto store = make_small_events();
  change_row(*store, Family::log, events::key_of({UINT64_MAX - 1}), "x");
  const LookedAt looked = look_at(*store);
  INFO(all_of(looked.findings));
  CHECK(tells(looked.findings, Finding::Kind::missing, "events 1400 to "));
}
