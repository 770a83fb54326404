#include "projections/rebuild/tile_compare.hpp"

#include <optional>
#include <utility>

#include "core/base/check.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tile_rows.hpp"
#include "projections/rebuild/rebuild_compare.hpp"

namespace tally::projections {

using core::Errc;
using core::Result;
using events::Family;

namespace {

constexpr std::uint64_t kEventsPerSettling = 65'536;

}  // namespace

Result<void> TileComparison::add(const LoggedEvent& logged) {
  const auto& workspace = logged.event.workspace;
  TALLY_TRY(trees_.append(tree_, workspace ? workspace->uuid() : core::Uuid{}, logged.leaf, made_));
  return tree_.size() % kEventsPerSettling == 0 ? settle() : Result<void>{};
}

Result<void> TileComparison::finish(const events::LedgerHead& head) {
  if (tree_ != head.tree) return core::fail(Errc::corrupt, "the log is not the one that the ledger's head commits to");
  TALLY_TRY(settle());
  TALLY_TRY(made_.compare_workspaces());
  return made_.find_extra(head.tree.size());
}

Result<void> TileComparison::settle() {
  trees_.put_workspaces(made_);
  trees_.committed();
  return {};
}

Result<std::optional<std::string>> TileComparison::Made::get(Family, std::string_view key) const {
  TALLY_TRY(outcome_);
  const auto found = workspaces_.find(key);
  return found == workspaces_.end() ? std::optional<std::string>{} : std::optional{found->second};
}

std::unique_ptr<events::Cursor> TileComparison::Made::scan(Family family, const events::ScanRange&) const {
  core::check_failed("nobody walks what is only compared", __FILE__, __LINE__, std::string{events::name_of(family)});
}

void TileComparison::Made::put(Family family, std::string_view key, std::string_view value) {
  if (family == Family::meta) {
    workspaces_.insert_or_assign(std::string{key}, std::string{value});
  } else {
    compare(family, key, value);
  }
}

void TileComparison::Made::erase(Family family, std::string_view) {
  core::check_failed("nothing is erased from a tree", __FILE__, __LINE__, std::string{events::name_of(family)});
}

Result<void> TileComparison::Made::compare_workspaces() {
  for (const auto& [key, value] : workspaces_) compare(Family::meta, key, value);
  return outcome_;
}

void TileComparison::Made::compare(Family family, std::string_view key, std::string_view value) {
  ++report_.rows;
  const auto live = live_.get(family, key);
  if (live.has_error() && live.error().code != Errc::corrupt) {
    if (outcome_.has_value()) outcome_ = live.error();
  } else if (live.has_error()) {
    note(family, key, Difference::Kind::unreadable, value);
    if (report_.unreadable.empty()) report_.unreadable = live.error().detail;
  } else if (!*live) {
    note(family, key, Difference::Kind::missing, value);
  } else if (**live != value) {
    note(family, key, Difference::Kind::changed, value);
  }
}

void TileComparison::Made::note(Family family, std::string_view key, Difference::Kind kind,
                                std::optional<std::string_view> value) {
  note_difference(report_, family, key, kind);
  if (mended_ == nullptr) return;
  value ? mended_->put(family, key, *value) : mended_->erase(family, key);
}

Result<void> TileComparison::Made::find_extra(std::uint64_t size) {
  events::ScanRange everything;
  everything.purpose = events::ScanRange::Purpose::replay;
  const auto tiles = live_.scan(Family::tile, everything);
  for (; tiles->valid(); tiles->next()) {
    if (!is_made(tiles->key(), size)) note(Family::tile, tiles->key(), Difference::Kind::extra, std::nullopt);
  }
  // What can not be read was found by its key, and is told.
  if (tiles->status().has_error() && tiles->status().error().code != Errc::corrupt) return tiles->status();
  auto rows = live_.scan(Family::meta, events::prefix_range(events::kWorkspaceSizePrefix));
  for (; rows->valid(); rows->next()) {
    if (!workspaces_.contains(rows->key())) {
      note(Family::meta, rows->key(), Difference::Kind::extra, std::nullopt);
    }
  }
  return rows->status();
}

bool TileComparison::Made::is_made(std::string_view tile_key, std::uint64_t size) const {
  const auto place = events::parse_tile_key(tile_key);
  if (place.has_error()) return false;
  if (!place->workspace) return events::is_complete(*place, size);
  const auto row = workspaces_.find(events::workspace_row(events::kWorkspaceSizePrefix, *place->workspace));
  return row != workspaces_.end() && events::is_complete(*place, events::decode_range(row->second)->size());
}

}  // namespace tally::projections
