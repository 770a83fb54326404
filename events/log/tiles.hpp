#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "events/log/tree_proof.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// The hashes of the tree of all events, read from its tiles; those behind the last full one from the log. A proof
/// takes a tile, or at most 256 rows, of each level on the two sides of its way, and at most 255 hashes for each to
/// fold them; the tiles read last are kept. Lifetime: the reader outlives it. Threads: one.
class Tiles final : public TreeNodes {
 public:
  /// `size`: as many events as the reader's head says, or fewer.
  Tiles(const Reader& reader, std::uint64_t size) : reader_(reader), size_(size) {}

  /// Errors: corrupt (a tile is missing or damaged, an event is missing), io_failed.
  core::Result<core::Digest> node(int height, std::uint64_t index) override;
  /// The hashes of the tile, those that `size` has: up to 256, none beyond its end. Valid until the next call. Errors:
  /// as node().
  core::Result<std::span<const core::Digest>> tile(int level, std::uint64_t index);

 private:
  using Place = std::pair<int, std::uint64_t>;

  core::Result<std::vector<core::Digest>> read_leaves(std::uint64_t index, std::size_t count) const;
  core::Result<std::vector<core::Digest>> read_roots(int level, std::uint64_t index, std::size_t count) const;

  const Reader& reader_;
  const std::uint64_t size_;
  std::map<Place, std::vector<core::Digest>> kept_;  ///< Bounded.
};

/// The leaf hashes of the events [from, until), from the log. Errors: corrupt (one is missing), io_failed.
core::Result<std::vector<core::Digest>> leaves_of_log(const Reader& reader, std::uint64_t from, std::uint64_t until);

/// How the lines of C2SP tlog-tiles name a tile: `0/18`.
std::string tile_name(int level, std::uint64_t index);

}  // namespace tally::events
