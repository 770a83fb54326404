#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "events/log/tile_rows.hpp"
#include "events/store/store.hpp"
#include "projections/verify/findings.hpp"

namespace tally::projections {

/// What the log gives is known to be what was written.
enum class LogState : bool { doubted, whole };

/// Rows of the family tile that are not what the log gives: all counted, the first ones kept.
class TileFlaws {
 public:
  enum class Kind : std::uint8_t {
    missing,
    changed,
    unreadable,
    extra,  ///< The log gives no such row.
  };

  void add(const events::TilePlace& place, Kind kind);
  /// A row whose key is none.
  void add_strange_key();
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// A finding for each. Of a whole log it is said what mends them.
  void tell(LogState log, Findings& findings) const;

 private:
  void keep(std::string sentence, bool is_changed);

  struct Flaw {
    std::string what;
    bool is_changed = false;
  };
  std::vector<Flaw> first_;
  std::uint64_t count_ = 0;
};

/// What is said of a row that --repair-tiles writes anew.
inline constexpr const char* kRepairWayOut = "; the log is whole: tally verify --repair-tiles";

/// The stored roots of subtrees, held against those that are made. Lifetime: the reader outlives it.
class StoredRoots {
 public:
  explicit StoredRoots(const events::Reader& reader) : reader_(reader) {}
  void hold(const events::TilePlace& place, const core::Digest& root, TileFlaws& flaws);
  /// Of all reads so far. Errors: io_failed, stopping.
  [[nodiscard]] const core::Result<void>& outcome() const { return outcome_; }

 private:
  const events::Reader& reader_;
  core::Result<void> outcome_;
};

/// The stored rows of leaf hashes, in order; it goes on behind what can not be read. Lifetime: the reader outlives it.
class StoredLeaves {
 public:
  explicit StoredLeaves(const events::Reader& reader) : reader_(reader) {}

  /// The 256 leaf hashes of the tile; empty: it is not there (flaw: missing), or not whole. `index`: larger than the
  /// one before. Rows whose keys are none are noted in `flaws`. Errors: io_failed, stopping.
  core::Result<void> open(std::uint64_t index, TileFlaws& flaws);
  [[nodiscard]] const std::vector<core::Digest>& leaves() const { return leaves_; }
  /// Why leaves() is empty.
  [[nodiscard]] TileFlaws::Kind flaw() const { return flaw_; }
  /// Holds no cursor until the next call.
  void rest() { cursor_.reset(); }
  /// Notes all rows from `index` on, which the log gives no more. Errors: io_failed, stopping.
  core::Result<void> end(std::uint64_t index, TileFlaws& flaws);

 private:
  const events::Reader& reader_;
  std::unique_ptr<events::Cursor> cursor_;
  std::string next_;  ///< The first key that was not met yet.
  std::vector<core::Digest> leaves_;
  TileFlaws::Kind flaw_ = TileFlaws::Kind::missing;
};

}  // namespace tally::projections
