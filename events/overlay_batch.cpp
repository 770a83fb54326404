#include "events/overlay_batch.hpp"

namespace tally::events {
namespace {

/// Commands that only read would fill memory otherwise; what is forgotten is read again.
constexpr std::size_t kReadBytesMax = 4 << 20;

/// True for rows that a command reads more than once, or the next command of the batch again.
bool is_read_again(Family family) {
  return family == Family::token || family == Family::workspace || family == Family::person || family == Family::member;
}

std::optional<std::string> value_of(const RowOverlay::Row& row) {
  if (row.erased) return std::nullopt;
  return std::string{row.value};
}

}  // namespace

core::Result<std::optional<std::string>> OverlayBatch::get(Family family, std::string_view key) const {
  if (!is_blind(family)) {
    if (const auto row = overlay_.find(family, key)) return value_of(*row);
  }
  if (!is_read_again(family)) return base_.get(family, key);
  if (const auto row = read_.find(family, key)) return value_of(*row);
  TALLY_TRY_ASSIGN(auto stored, base_.get(family, key));
  if (read_.bytes() >= kReadBytesMax) read_.clear();
  if (stored) {
    read_.put(family, key, *stored);
  } else {
    read_.erase(family, key);
  }
  return stored;
}

std::unique_ptr<Cursor> OverlayBatch::scan(Family family, const ScanRange& range) const {
  auto base = base_.scan(family, range);
  if (is_blind(family)) return base;
  return merge_cursors(std::move(base), overlay_, family, range);
}

}  // namespace tally::events
