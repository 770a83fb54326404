#include "projections/verify/tile_check.hpp"

#include <string>
#include <utility>

#include "events/log/tiles.hpp"

namespace tally::projections {

using core::Digest;
using core::Errc;
using core::Result;
using events::Family;
using events::kTileWidth;

void TileCheck::meet(core::Sequence place, const Digest& leaf, const events::CompactRange& log) {
  // Behind a gap that no tile fills there is nothing to follow; and a key can name any place.
  for (; next_ < place.value && !is_fork_cut_ && outcome_.has_value(); ++next_) step(next_, nullptr, log);
  next_ = place.value;
  step(next_, &leaf, log);
  ++next_;
}

void TileCheck::step(std::uint64_t place, const Digest* leaf, const events::CompactRange& log) {
  if (outcome_.has_error()) return;
  open(place / kTileWidth);
  if (outcome_.has_error()) return;
  const auto& tile = stored_leaves_.leaves();
  const Digest* kept = tile.empty() ? nullptr : &tile[place % kTileWidth];
  const bool is_other = kept != nullptr && leaf != nullptr && *kept != *leaf;
  if (is_other) note_other_leaf(place);
  if (kept != nullptr && leaf != nullptr && !is_other && compared_ == place) ++compared_;
  // Up to here both trees were the same.
  if (!fork_ && (is_other || leaf == nullptr)) {
    fork_ = log;
    from_fork_ = from_log_;
  }
  if (fork_ && !is_fork_cut_) grow_fork(kept != nullptr ? kept : leaf);
}

void TileCheck::open(std::uint64_t tile) {
  if (open_ == tile) return;
  settle();
  open_ = tile;
  differs_ = false;
  if (const auto opened = stored_leaves_.open(tile, from_log_); opened.has_error()) outcome_ = opened;
}

void TileCheck::settle() {
  if (!open_ || (!stored_leaves_.leaves().empty() && !differs_)) return;
  const events::TilePlace place{std::nullopt, 0, *open_};
  const bool is_there = !stored_leaves_.leaves().empty();
  from_log_.add(place, is_there ? TileFlaws::Kind::changed : stored_leaves_.flaw());
  if (fork_ && !is_there) from_fork_.add(place, stored_leaves_.flaw());
}

void TileCheck::note_other_leaf(std::uint64_t place) {
  differs_ = true;
  ++others_count_;
  if (others_.size() < Findings::kKeptMax) others_.push_back(place);
}

void TileCheck::grow_fork(const Digest* leaf) {
  is_fork_cut_ = leaf == nullptr;
  if (is_fork_cut_) return;
  fork_->append(*leaf, [&](int level, std::uint64_t index, const Digest& root) {
    stored_roots_.hold({std::nullopt, level, index}, root, from_fork_);
  });
  for (const core::TreeHead& promised : promised_) {
    if (promised.size != fork_->size()) continue;
    (promised.root == fork_->root() ? fork_agrees_ : fork_disagrees_) = true;
  }
}

void TileCheck::meet_root(int level, std::uint64_t index, const Digest& root) {
  stored_roots_.hold({std::nullopt, level, index}, root, from_log_);
}

Result<void> TileCheck::end(std::uint64_t size) {
  TALLY_TRY(outcome_);
  TALLY_TRY(stored_roots_.outcome());
  if (open_ && *open_ < size / kTileWidth) settle();
  open_.reset();
  return {};
}

Result<void> TileCheck::find_extra(std::uint64_t size,
                                   const std::function<std::optional<std::uint64_t>(const core::Uuid&)>& size_of) {
  TALLY_TRY(stored_leaves_.end(size / kTileWidth, from_log_));
  events::ScanRange roots;
  roots.from = events::tile_key(1, 0);
  roots.purpose = events::ScanRange::Purpose::replay;
  const auto cursor = reader_.scan(Family::tile, roots);
  for (; cursor->valid(); cursor->next()) {
    const auto place = events::parse_tile_key(cursor->key());
    if (place.has_error()) {
      from_log_.add_strange_key();
      continue;
    }
    const auto leaves = place->workspace ? size_of(*place->workspace) : std::optional{size};
    if (leaves && !events::is_complete(*place, *leaves)) from_log_.add(*place, TileFlaws::Kind::extra);
  }
  // What can not be read was found by its key, and is told.
  if (cursor->status().has_error() && cursor->status().error().code != Errc::corrupt) return cursor->status();
  return {};
}

void TileCheck::tell(LogState log, Findings& findings) const {
  const bool are_tiles_right = log == LogState::doubted && fork_ && fork_agrees_ && !fork_disagrees_;
  if (!are_tiles_right) return from_log_.tell(log, findings);
  for (const std::uint64_t place : others_) {
    findings.add(Finding::Kind::root, core::Sequence{place},
                 "event " + std::to_string(place) + ": its bytes are not those that were hashed (tile " +
                     events::tile_name(0, place / kTileWidth) + ")");
  }
  findings.add_untold(Finding::Kind::root, others_count_ - others_.size());
  from_fork_.tell(log, findings);
}

}  // namespace tally::projections
