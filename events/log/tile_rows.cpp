#include "events/log/tile_rows.hpp"

#include "core/base/check.hpp"
#include "events/log/keys.hpp"

namespace tally::events {
namespace {

// What a key begins with.
constexpr char kOfAll = 0;
constexpr char kOfWorkspace = 1;
constexpr int kLevelMax = 64 / kTileHeight - 1;  ///< A tree has fewer than 2^64 leaves.
constexpr std::size_t kPlaceBytes = 1 + 8;
constexpr std::size_t kUuidBytes = sizeof(core::Uuid::bytes);

void append_place(std::string& key, int level, std::uint64_t index) {
  key.push_back(static_cast<char>(level));
  append_be64(key, index);
}

void put_root(std::string_view key, const core::Digest& root, Rows& rows) {
  rows.put(Family::tile, key, core::as_text(root.bytes));
}

}  // namespace

std::string tile_key(int level, std::uint64_t index) {
  std::string key(1, kOfAll);
  append_place(key, level, index);
  return key;
}

std::string tile_key(const core::Uuid& workspace, int level, std::uint64_t index) {
  std::string key(1, kOfWorkspace);
  append_uuid(key, workspace);
  append_place(key, level, index);
  return key;
}

core::Result<TilePlace> parse_tile_key(std::string_view key) {
  TilePlace place;
  const bool is_of_workspace = key.starts_with(kOfWorkspace);
  std::string_view rest = key.substr(key.empty() ? 0 : 1);
  if (is_of_workspace && rest.size() >= kUuidBytes) {
    place.workspace.emplace();
    rest.copy(reinterpret_cast<char*>(place.workspace->bytes.data()), kUuidBytes);
    rest.remove_prefix(kUuidBytes);
  }
  const bool has_form = is_of_workspace ? place.workspace.has_value() : key.starts_with(kOfAll);
  if (!has_form || rest.size() != kPlaceBytes) return core::fail(core::Errc::corrupt, "a tile's key has a wrong form");
  place.level = static_cast<unsigned char>(rest.front());
  place.index = *read_be64(rest.substr(1));
  if (place.level > kLevelMax || (is_of_workspace && place.level == 0)) {
    return core::fail(core::Errc::corrupt, "a tile's key names a level that there is not");
  }
  return place;
}

bool is_complete(const TilePlace& place, std::uint64_t size) {
  const int height = kTileHeight * (place.level == 0 ? 1 : place.level);
  return place.index < size >> height;
}

void append_leaf(CompactRange& tree, const core::Digest& leaf, Rows& rows) {
  tree.append(leaf, [&](int level, std::uint64_t index, const core::Digest& root) {
    put_root(tile_key(level, index), root, rows);
  });
}

void append_leaf(CompactRange& tree, const core::Uuid& workspace, const core::Digest& leaf, Rows& rows) {
  tree.append(leaf, [&](int level, std::uint64_t index, const core::Digest& root) {
    put_root(tile_key(workspace, level, index), root, rows);
  });
}

void put_leaf_tile(std::uint64_t index, std::span<const core::Digest> leaves, Rows& rows) {
  TALLY_CHECK(leaves.size() == kTileWidth);
  rows.put(Family::tile, tile_key(0, index), digests_as_text(leaves));
}

}  // namespace tally::events
