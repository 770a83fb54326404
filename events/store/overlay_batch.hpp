#pragma once

#include "events/store/row_overlay.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// The batch of both stores: its own writes over a reader of what is committed. Lifetime: the reader outlives it.
class OverlayBatch final : public Batch {
 public:
  explicit OverlayBatch(const Reader& base) : base_(base) {}

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override;
  void put(Family family, std::string_view key, std::string_view value) override { overlay_.put(family, key, value); }
  void erase(Family family, std::string_view key) override { overlay_.erase(family, key); }
  [[nodiscard]] bool empty() const override { return overlay_.empty(); }
  [[nodiscard]] std::size_t bytes() const override { return overlay_.bytes(); }

  void mark() override { overlay_.mark(); }
  void undo() override {
    overlay_.undo();
    // Nothing else would give its memory back where no commit follows.
    if (overlay_.empty()) overlay_.clear();
  }

  [[nodiscard]] const RowOverlay& overlay() const { return overlay_; }
  void clear() { overlay_.clear(); }

 private:
  const Reader& base_;
  RowOverlay overlay_;
};

}  // namespace tally::events
