#include "projections/verify/tile_flaws.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "events/log/merkle.hpp"
#include "events/log/tiles.hpp"

namespace tally::projections {
namespace {

using core::Errc;
using core::Result;
using events::Family;
using events::kTileWidth;

/// `tile 0/18`, `root 3 of tile 1/0`, and whose.
std::string name_of_row(const events::TilePlace& place) {
  std::string name;
  if (place.workspace) {
    name = *place.workspace == core::Uuid{} ? "no workspace: "
                                            : "workspace " + core::WorkspaceId{*place.workspace}.str() + ": ";
  }
  if (place.level == 0) return name + "tile " + events::tile_name(0, place.index);
  return name + "root " + std::to_string(place.index % kTileWidth) + " of tile " +
         events::tile_name(place.level, place.index / kTileWidth);
}

std::string key_of_row(const events::TilePlace& place) {
  return place.workspace ? events::tile_key(*place.workspace, place.level, place.index)
                         : events::tile_key(place.level, place.index);
}

}  // namespace

void TileFlaws::add(const events::TilePlace& place, Kind kind) {
  const auto name = [&] { return count_ < Findings::kKeptMax ? name_of_row(place) : std::string{}; };
  switch (kind) {
    case Kind::missing:
      keep(name() + " is missing", false);
      break;
    case Kind::changed:
      keep(name(), true);
      break;
    case Kind::unreadable:
      keep(name() + " can not be read", false);
      break;
    case Kind::extra:
      keep(name() + " is there, and the log gives none", false);
      break;
  }
}

void TileFlaws::add_strange_key() { keep("a row of the tiles has a key that is none", false); }

void TileFlaws::keep(std::string sentence, bool is_changed) {
  ++count_;
  if (first_.size() < Findings::kKeptMax) first_.push_back({std::move(sentence), is_changed});
}

void TileFlaws::tell(LogState log, Findings& findings) const {
  for (const Flaw& flaw : first_) {
    const bool is_whole = log == LogState::whole;
    std::string sentence = flaw.what;
    if (flaw.is_changed) sentence += is_whole ? " is damaged" : " and the events differ";
    findings.add(Finding::Kind::tile, std::nullopt, sentence + (is_whole ? kRepairWayOut : ""));
  }
  findings.add_untold(Finding::Kind::tile, count_ - first_.size());
}

void StoredRoots::hold(const events::TilePlace& place, const core::Digest& root, TileFlaws& flaws) {
  if (outcome_.has_error()) return;
  const auto row = reader_.get(Family::tile, key_of_row(place));
  if (row.has_error()) {
    if (row.error().code != Errc::corrupt) {
      outcome_ = row.error();
      return;
    }
    flaws.add(place, TileFlaws::Kind::unreadable);
  } else if (!*row) {
    flaws.add(place, TileFlaws::Kind::missing);
  } else if (**row != core::as_text(root.bytes)) {
    flaws.add(place, TileFlaws::Kind::changed);
  }
}

Result<void> StoredLeaves::open(std::uint64_t index, TileFlaws& flaws) {
  const std::string key = events::tile_key(0, index);
  leaves_.clear();
  flaw_ = TileFlaws::Kind::missing;
  if (!cursor_) {
    events::ScanRange range;
    range.from = next_;
    range.until = events::tile_key(1, 0);
    range.purpose = events::ScanRange::Purpose::replay;
    cursor_ = reader_.scan(Family::tile, range);
  }
  for (; cursor_->valid() && cursor_->key() < key; cursor_->next()) {
    if (events::parse_tile_key(cursor_->key()).has_error()) flaws.add_strange_key();
  }
  next_ = key;
  if (cursor_->valid()) {
    if (cursor_->key() != key) return {};
    auto leaves = events::digests_of(cursor_->value());
    if (leaves && leaves->size() == kTileWidth) leaves_ = std::move(*leaves);
    flaw_ = TileFlaws::Kind::changed;
    cursor_->next();
    next_ += '\0';
    return {};
  }
  if (const auto status = cursor_->status(); status.has_error()) {
    if (status.error().code != Errc::corrupt) return status;
    flaw_ = TileFlaws::Kind::unreadable;
    cursor_.reset();
    next_ += '\0';
  }
  return {};
}

Result<void> StoredLeaves::end(std::uint64_t index, TileFlaws& flaws) {
  TALLY_TRY(open(index, flaws));
  events::ScanRange range;
  range.from = events::tile_key(0, index);
  range.until = events::tile_key(1, 0);
  const auto cursor = reader_.scan(Family::tile, range);
  for (; cursor->valid(); cursor->next()) {
    const auto place = events::parse_tile_key(cursor->key());
    if (place.has_error()) {
      flaws.add_strange_key();
    } else {
      flaws.add(*place, TileFlaws::Kind::extra);
    }
  }
  const auto status = cursor->status();
  if (!status.has_error() || status.error().code != Errc::corrupt) return status;
  flaws.add({std::nullopt, 0, index}, TileFlaws::Kind::unreadable);
  return {};
}

}  // namespace tally::projections
