#include "events/store/overlay_batch.hpp"

namespace tally::events {
core::Result<std::optional<std::string>> OverlayBatch::get(Family family, std::string_view key) const {
  if (!is_blind(family)) {
    if (const auto row = overlay_.find(family, key)) {
      return row->erased ? std::optional<std::string>{} : std::optional{std::string{row->value}};
    }
  }
  return base_.get(family, key);
}

std::unique_ptr<Cursor> OverlayBatch::scan(Family family, const ScanRange& range) const {
  auto base = base_.scan(family, range);
  if (is_blind(family)) return base;
  return merge_cursors(std::move(base), overlay_, family, range);
}

}  // namespace tally::events
