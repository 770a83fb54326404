#include "events/log/tiles.hpp"

#include <algorithm>
#include <string>

#include "core/base/check.hpp"
#include "events/log/log.hpp"
#include "events/log/tile_rows.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kTilesKept = 32;

core::Error damaged(int level, std::uint64_t index) {
  return core::fail(core::Errc::corrupt, "tile " + tile_name(level, index) + " is missing or damaged");
}

/// How many subtrees of 256^level leaves are whole.
std::uint64_t whole_at(int level, std::uint64_t size) {
  const int height = level * kTileHeight;
  return height < 64 ? size >> height : 0;
}

}  // namespace

core::Result<core::Digest> Tiles::node(int height, std::uint64_t index) {
  const int level = height / kTileHeight;
  const int above = height % kTileHeight;
  const std::uint64_t first = index << above;
  TALLY_CHECK(index < size_ >> height, std::to_string(height) + " " + std::to_string(index));
  TALLY_TRY_ASSIGN(const auto hashes, tile(level, first / kTileWidth));
  const auto below = hashes.subspan(first % kTileWidth, std::size_t{1} << above);
  std::vector<core::Digest> row(below.begin(), below.end());
  for (; row.size() > 1; row.resize(row.size() / 2)) {
    for (std::size_t pair = 0; pair < row.size() / 2; ++pair) row[pair] = node_hash(row[2 * pair], row[2 * pair + 1]);
  }
  return row.front();
}

core::Result<std::span<const core::Digest>> Tiles::tile(int level, std::uint64_t index) {
  if (const auto found = kept_.find({level, index}); found != kept_.end())
    return std::span{std::as_const(found->second)};
  const std::uint64_t whole = whole_at(level, size_);
  const std::uint64_t before = std::min(index, whole / kTileWidth + 1) * kTileWidth;
  const auto count = static_cast<std::size_t>(std::min(whole - std::min(before, whole), kTileWidth));
  std::vector<core::Digest> hashes;
  if (count > 0) {
    TALLY_TRY_ASSIGN(hashes, level == 0 ? read_leaves(index, count) : read_roots(level, index, count));
  }
  if (kept_.size() == kTilesKept) kept_.clear();
  return std::span{std::as_const(kept_[{level, index}] = std::move(hashes))};
}

core::Result<std::vector<core::Digest>> Tiles::read_leaves(std::uint64_t index, std::size_t count) const {
  if (count < kTileWidth) return leaves_of_log(reader_, index * kTileWidth, index * kTileWidth + count);
  TALLY_TRY_ASSIGN(const auto row, reader_.get(Family::tile, tile_key(0, index)));
  auto leaves = row ? digests_of(*row) : std::nullopt;
  if (!leaves || leaves->size() != kTileWidth) return damaged(0, index);
  return std::move(*leaves);
}

core::Result<std::vector<core::Digest>> Tiles::read_roots(int level, std::uint64_t index, std::size_t count) const {
  std::vector<core::Digest> roots;
  roots.reserve(count);
  std::uint64_t place = index * kTileWidth;
  ScanRange range;
  range.from = tile_key(level, place);
  range.until = tile_key(level, place + count);
  const auto cursor = reader_.scan(Family::tile, range);
  for (; cursor->valid(); cursor->next(), ++place) {
    const auto root = digests_of(cursor->value());
    if (cursor->key() != tile_key(level, place) || !root || root->size() != 1) return damaged(level, index);
    roots.push_back(root->front());
  }
  TALLY_TRY(cursor->status());
  if (roots.size() != count) return damaged(level, index);
  return roots;
}

core::Result<std::vector<core::Digest>> leaves_of_log(const Reader& reader, std::uint64_t from, std::uint64_t until) {
  std::vector<core::Digest> leaves;
  leaves.reserve(until - from);
  LogCursor log{reader, core::Sequence{from}, ScanRange::Purpose::page};
  while (leaves.size() < until - from) {
    TALLY_TRY_ASSIGN(const auto bytes, log.next_bytes());
    if (!bytes) {
      return core::fail(core::Errc::corrupt,
                        "event " + std::to_string(from + leaves.size()) + " is missing from the log");
    }
    leaves.push_back(leaf_hash(*bytes));
  }
  return leaves;
}

std::string tile_name(int level, std::uint64_t index) { return std::to_string(level) + "/" + std::to_string(index); }

}  // namespace tally::events
