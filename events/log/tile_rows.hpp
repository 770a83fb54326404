#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "events/log/merkle.hpp"
#include "events/store/store.hpp"

/// The rows of the family tile: what a tree has once and for ever. Of the tree of all events the leaf hashes, 256 to a
/// row, and a row for each root of 256^level leaves; of each workspace's own tree the latter. Nobody rewrites one. The
/// nil workspace's tree is that of the events of no workspace. Source: docs/formats.md, docs/adr/0059.
namespace tally::events {

/// Of level 0 the row of 256 leaf hashes; of a level from 1 on that of one root.
std::string tile_key(int level, std::uint64_t index);
/// Of a workspace's own tree; level from 1 on.
std::string tile_key(const core::Uuid& workspace, int level, std::uint64_t index);

/// A key of the family, read.
struct TilePlace {
  std::optional<core::Uuid> workspace;  ///< Empty: of the tree of all events.
  int level = 0;
  std::uint64_t index = 0;
};
/// Errors: corrupt (no key that tile_key() makes).
core::Result<TilePlace> parse_tile_key(std::string_view key);

/// Whether a tree of `size` leaves has the row that lies there.
bool is_complete(const TilePlace& place, std::uint64_t size);

/// Appends to the tree of all events, and writes the roots that this completes.
void append_leaf(CompactRange& tree, const core::Digest& leaf, Rows& rows);
/// The same with a workspace's own.
void append_leaf(CompactRange& tree, const core::Uuid& workspace, const core::Digest& leaf, Rows& rows);
/// Writes the row of the 256 leaf hashes (checked) from 256 `index` on.
void put_leaf_tile(std::uint64_t index, std::span<const core::Digest> leaves, Rows& rows);

}  // namespace tally::events
