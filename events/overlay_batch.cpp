#include "events/overlay_batch.hpp"

namespace tally::events {
namespace {

std::optional<std::string> value_of(const RowOverlay::Row& row) {
  if (row.erased) return std::nullopt;
  return std::string{row.value};
}

}  // namespace

core::Result<std::optional<std::string>> OverlayBatch::get(Family family, std::string_view key) const {
  if (!is_blind(family)) {
    if (const auto row = overlay_.find(family, key)) return value_of(*row);
  }
  return base_.get(family, key);
}

std::unique_ptr<Cursor> OverlayBatch::scan(Family family, const ScanRange& range) const {
  auto base = base_.scan(family, range);
  if (is_blind(family)) return base;
  return merge_cursors(std::move(base), overlay_, family, range);
}

}  // namespace tally::events
