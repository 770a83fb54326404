#include "events/log/tiles.hpp"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/log/tile_rows.hpp"
#include "events/log/tree_writer.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/log/naive_tree.hpp"
#include "tests/support/rows_of.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally {
namespace {

using events::Family;
using events::Tiles;
using testing::NaiveTree;
using Digests = std::vector<core::Digest>;

/// The n-th of some bytes, which stand for an event's.
std::string bytes_at(std::uint64_t number) { return "event " + std::to_string(number); }

NaiveTree naive(std::uint64_t size) {
  Digests leaves;
  for (std::uint64_t leaf = 0; leaf < size; ++leaf) leaves.push_back(events::leaf_hash(core::as_bytes(bytes_at(leaf))));
  return NaiveTree{std::move(leaves)};
}

/// A log that a writer has made, `step` leaves to a batch, and its tree.
struct Written {
  explicit Written(std::uint64_t size, std::uint64_t step = 7) : store(events::make_memory_store()) {
    grow(size, step);
  }

  void grow(std::uint64_t until, std::uint64_t step) {
    events::TreeWriter trees{*store, tree.size()};
    const auto batch = store->new_batch();
    while (tree.size() < until) {
      const std::string bytes = bytes_at(tree.size());
      const std::string key = events::key_of({tree.size()});
      REQUIRE(trees.append(tree, {}, events::leaf_hash(core::as_bytes(bytes)), *batch).has_value());
      batch->put(Family::log, key, bytes);
      if (tree.size() % step != 0 && tree.size() != until) continue;
      trees.put_workspaces(*batch);
      REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
      trees.committed();
    }
  }

  std::unique_ptr<events::Store> store;
  events::CompactRange tree;
};

template <class Value>
Value of(core::Result<Value> result) {
  INFO((result.has_error() ? result.error().detail : std::string{}));
  REQUIRE(result.has_value());
  return std::move(*result);
}

/// RFC 9162 §2.1.3.2: the root that the proof leads to.
core::Digest root_by(const core::Digest& leaf, std::uint64_t index, std::uint64_t size, const Digests& proof) {
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  core::Digest root = leaf;
  for (const core::Digest& beside : proof) {
    REQUIRE(sn != 0);
    if (fn % 2 == 1 || fn == sn) {
      root = events::node_hash(beside, root);
      while (fn % 2 == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      root = events::node_hash(root, beside);
    }
    fn >>= 1, sn >>= 1;
  }
  REQUIRE(sn == 0);
  return root;
}

/// Of the first `size` of the tree's leaves: the root, and proofs from and to `index` and `earlier`.
void check_size(Tiles& tiles, NaiveTree& tree, std::uint64_t size, std::uint64_t index, std::uint64_t earlier) {
  INFO("size " << size << ", index " << index << ", earlier " << earlier);
  const core::Digest root = tree.root(size);
  REQUIRE(of(events::range_at(tiles, size)).root() == root);
  if (index < size) {
    const Digests proof = of(events::inclusion_proof(tiles, index, size));
    REQUIRE(proof == tree.path(index, size));
    REQUIRE(root_by(tree.leaves()[index], index, size, proof) == root);
  }
  REQUIRE(of(events::consistency_proof(tiles, earlier, size)) == tree.proof(earlier, size));
}

TEST_CASE("tiles: roots and proofs of every size are those of a naive tree", "[events][tiles]") {
  constexpr std::uint64_t kSize = 1'050;
  NaiveTree tree = naive(kSize);
  testing::SeededRandom random{17};
  Written written{0};
  for (std::uint64_t end : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256},
                            std::uint64_t{257}, std::uint64_t{511}, std::uint64_t{512}, kSize}) {
    written.grow(end, 7);
    Tiles tiles{*written.store, end};
    for (std::uint64_t size = 0; size <= end; ++size) {
      check_size(tiles, tree, size, 0, size / 2);
      if (size == 0) continue;
      check_size(tiles, tree, size, size - 1, size - 1);
      check_size(tiles, tree, size, random.below(size), random.below(size + 1));
    }
  }
}

TEST_CASE("tiles: roots and proofs of large trees are those of a naive tree", "[events][tiles]") {
  const std::uint64_t size = std::uint64_t{1} << (std::getenv("TALLY_LARGE_TREES") == nullptr ? 17 : 20);
  NaiveTree tree = naive(size + 300);
  const Written written{size + 300, 1'000};
  Tiles tiles{*written.store, size + 300};
  testing::SeededRandom random{18};
  for (const std::uint64_t at : {size - 1, size, size + 1, size + 255, size + 256, size + 257, size + 300}) {
    check_size(tiles, tree, at, random.below(at), random.below(at));
  }
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t at = 1 + random.below(size);
    check_size(tiles, tree, at, random.below(at), random.below(at));
  }
}

TEST_CASE("tiles: the rows are those of the formats page, each made by its last leaf", "[events][tiles]") {
  const std::uint64_t size = 256 * 256 + 300;
  NaiveTree tree = naive(size);
  const Written written{size};
  testing::RowList expected;
  for (std::uint64_t tile = 0; tile < size / 256; ++tile) {
    const auto leaves = std::span{tree.leaves()}.subspan(tile * 256, 256);
    expected[events::tile_key(0, tile)] = std::string{events::digests_as_text(leaves)};
    const core::Digest root = NaiveTree{{leaves.begin(), leaves.end()}}.root(256);
    expected[events::tile_key(1, tile)] = std::string{core::as_text(root.bytes)};
    expected[events::tile_key({}, 1, tile)] = std::string{core::as_text(root.bytes)};
  }
  const core::Digest all = tree.root(256 * 256);
  expected[events::tile_key(2, 0)] = std::string{core::as_text(all.bytes)};
  expected[events::tile_key({}, 2, 0)] = std::string{core::as_text(all.bytes)};
  const bool are_same = testing::rows_of(*written.store, Family::tile) == expected;
  CHECK(are_same);
  using namespace std::string_literals;
  CHECK(events::tile_key(0, 258) == "\0\0\0\0\0\0\0\0\x01\x02"s);
  CHECK(events::tile_key({}, 1, 1) == "\x01"s + std::string(16, '\0') + "\x01\0\0\0\0\0\0\0\x01"s);
}

TEST_CASE("tiles: a key says where it lies, and others are corrupt", "[events][tiles]") {
  core::Uuid workspace;
  workspace.bytes.fill(9);
  for (const int level : {0, 1, 7}) {
    const auto place = of(events::parse_tile_key(events::tile_key(level, 513)));
    CHECK_FALSE(place.workspace);
    CHECK(place.level == level);
    CHECK(place.index == 513);
  }
  const auto place = of(events::parse_tile_key(events::tile_key(workspace, 2, 5)));
  CHECK(place.workspace == workspace);
  CHECK(place.level == 2);
  CHECK(place.index == 5);
  CHECK(events::is_complete({{}, 0, 1}, 512));
  CHECK_FALSE(events::is_complete({{}, 0, 1}, 511));
  CHECK(events::is_complete({{}, 2, 0}, 65'536));
  CHECK_FALSE(events::is_complete({{}, 2, 0}, 65'535));
  const std::string good = events::tile_key(workspace, 2, 5);
  for (std::size_t length = 0; length < good.size(); ++length) {
    CHECK(events::parse_tile_key(good.substr(0, length)).has_error());
  }
  CHECK(events::parse_tile_key(good + "x").has_error());
  CHECK(events::parse_tile_key("\x02" + good.substr(1)).has_error());
  CHECK(events::parse_tile_key(events::tile_key(8, 0)).has_error());
  CHECK(events::parse_tile_key(events::tile_key(workspace, 0, 0)).has_error());
}

TEST_CASE("tiles: a tile of any width is cut at its size, and one beyond it is empty", "[events][tiles]") {
  const Written written{1'000};
  NaiveTree tree = naive(1'000);
  for (const std::uint64_t size : std::initializer_list<std::uint64_t>{0, 1, 255, 256, 300, 768, 1'000}) {
    INFO("size " << size);
    Tiles tiles{*written.store, size};
    for (std::uint64_t index = 0; index < 5; ++index) {
      const auto hashes = of(tiles.tile(0, index));
      const std::uint64_t from = std::min(index * 256, size);
      REQUIRE(hashes.size() == std::min(size - from, std::uint64_t{256}));
      CHECK(std::ranges::equal(hashes, std::span{tree.leaves()}.subspan(from, hashes.size())));
    }
    CHECK(of(tiles.tile(1, 0)).size() == size / 256);
    CHECK(of(tiles.tile(7, 0)).empty());
    CHECK(of(tiles.tile(0, UINT64_MAX / 256)).empty());
  }
}

TEST_CASE("tiles: a row that is missing or has another length is corrupt, and named", "[events][tiles]") {
  const Written written{1'050};
  const auto damage = [&](const std::string& key, const std::optional<std::string>& value) {
    const auto batch = written.store->new_batch();
    value ? batch->put(Family::tile, key, *value) : batch->erase(Family::tile, key);
    REQUIRE(written.store->commit(*batch, events::Durability::synced).has_value());
  };
  const bool is_missing = GENERATE(true, false);
  const std::optional<std::string> value = is_missing ? std::nullopt : std::optional<std::string>{"short"};
  damage(events::tile_key(0, 2), value);
  const auto leaf = Tiles{*written.store, 1'050}.node(0, 600);
  REQUIRE(leaf.has_error());
  CHECK(leaf.error().code == core::Errc::corrupt);
  CHECK_THAT(leaf.error().detail, Catch::Contains("tile 0/2"));
  damage(events::tile_key(1, 1), value);
  const auto root = Tiles{*written.store, 1'050}.node(8, 0);
  REQUIRE(root.has_error());
  CHECK_THAT(root.error().detail, Catch::Contains("tile 1/0"));
  const auto batch = written.store->new_batch();
  batch->erase(Family::log, events::key_of({1'030}));
  REQUIRE(written.store->commit(*batch, events::Durability::synced).has_value());
  const auto loose = Tiles{*written.store, 1'050}.node(0, 1'040);
  REQUIRE(loose.has_error());
  CHECK_THAT(loose.error().detail, Catch::Contains("event 1030"));
}

}  // namespace
}  // namespace tally
