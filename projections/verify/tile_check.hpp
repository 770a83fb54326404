#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/ledger/checkpoint.hpp"
#include "events/log/merkle.hpp"
#include "projections/verify/tile_flaws.hpp"

namespace tally::projections {

/// Holds the tiles of the tree of all events against the log. Where they differ, or an event is missing, it follows the
/// tree that the tiles give beside that of the log, to tell which of both somebody has committed to. Takes a tile and a
/// few roots of memory. Threads: one.
class TileCheck {
 public:
  /// `promised`: what somebody has committed to. Lifetime: the reader outlives it.
  TileCheck(const events::Reader& reader, std::vector<core::TreeHead> promised)
      : reader_(reader), stored_leaves_(reader), stored_roots_(reader), promised_(std::move(promised)) {}

  /// An event, in order. `log`: the tree of all events before it; of no use once one was missing.
  void meet(core::Sequence place, const core::Digest& leaf, const events::CompactRange& log);
  /// A root that the log's tree has from now on, level >= 1.
  void meet_root(int level, std::uint64_t index, const core::Digest& root);

  /// Holds no cursor until the next event.
  void rest() { stored_leaves_.rest(); }

  /// The first `size` events are all in tiles, and are those that were hashed there.
  [[nodiscard]] bool holds(std::uint64_t size) const { return compared_ >= size; }

  /// After the last event. `size`: of the ledger. Errors: io_failed, stopping.
  core::Result<void> end(std::uint64_t size);
  /// After end(): looks for rows that the log does not give. `size_of`: how many events a workspace's tree has, empty:
  /// not known. Errors: io_failed, stopping.
  core::Result<void> find_extra(std::uint64_t size,
                                const std::function<std::optional<std::uint64_t>(const core::Uuid&)>& size_of);
  /// What is wrong, as far as it is known who is right.
  void tell(LogState log, Findings& findings) const;

 private:
  /// Of a place, the next one.
  void step(std::uint64_t place, const core::Digest* leaf, const events::CompactRange& log);
  void open(std::uint64_t tile);
  /// What is open is a whole tile of the ledger.
  void settle();
  void note_other_leaf(std::uint64_t place);
  void grow_fork(const core::Digest* leaf);

  const events::Reader& reader_;
  StoredLeaves stored_leaves_;
  StoredRoots stored_roots_;
  const std::vector<core::TreeHead> promised_;
  core::Result<void> outcome_;

  std::uint64_t next_ = 0;             ///< The place that follows.
  std::optional<std::uint64_t> open_;  ///< Whose leaves are at hand.
  bool differs_ = false;               ///< The open tile, from the log.
  std::uint64_t compared_ = 0;         ///< How many first events are the tiles'.

  std::optional<events::CompactRange> fork_;  ///< The tree of the tiles, from where it is another than the log's.
  bool is_fork_cut_ = false;                  ///< A leaf is not known.
  bool fork_agrees_ = false;
  bool fork_disagrees_ = false;

  TileFlaws from_log_;                 ///< Rows that differ from what the log gives.
  TileFlaws from_fork_;                ///< Since there is a fork: roots that differ from what the tiles give.
  std::vector<std::uint64_t> others_;  ///< The first events whose bytes are not those that were hashed.
  std::uint64_t others_count_ = 0;
};

}  // namespace tally::projections
