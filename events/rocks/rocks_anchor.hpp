#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/log/anchor.hpp"
#include "events/rocks/anchor_file.hpp"

/// Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// Ends every refusal for the anchor's sake.
inline constexpr std::string_view kAnchorWayOut = "; see \"The anchor\" in docs/operations.md";

/// One that every ledger reaches.
Anchor anchor_of_nothing();

/// What the file says; empty: there is no anchor yet, or `file` is none. Errors: corrupt, io_failed.
core::Result<std::optional<Anchor>> load_anchor(AnchorFile* file);
/// The same, for whoever never writes.
core::Result<std::optional<Anchor>> read_anchor(const AnchorFile* file);

/// Whether there may be no ledger where one is about to be made. Errors: corrupt (the anchor is of one that had
/// something), io_failed.
core::Result<void> check_may_be_new(AnchorFile* file);

/// Whether the anchor that was found is the ledger's, by its row `anchored`. Errors: corrupt.
core::Result<void> check_is_anchor_of(const std::optional<std::string>& row, const std::optional<Anchor>& anchor,
                                      const AnchorFile* file);

/// The anchor of an open ledger, which follows it. Threads: the writer's.
class LedgerAnchor {
 public:
  explicit LedgerAnchor(std::shared_ptr<AnchorFile> file) : file_(std::move(file)) {}

  [[nodiscard]] bool is_kept() const { return is_kept_; }
  /// The ledger's head is this row from the next batch that is kept on.
  void note_head(std::string_view row);
  /// The ledger is whole up to `last_row`. The file is made if there is none: its error is told, and lets the ledger be
  /// where only each second is synced. Errors: as AnchorFile.
  core::Result<void> begin(const std::optional<std::string>& row, const std::optional<Anchor>& found,
                           std::uint64_t last_row);
  /// Whatever there was: the file is made with the first batch that is kept.
  void begin_anew(const std::optional<std::string>& row);
  /// A batch is synced, and all before it. Errors: as AnchorFile::write.
  core::Result<void> keep(std::uint64_t last_row);
  /// The row `anchored`.
  [[nodiscard]] std::string row() const;

 private:
  /// Of which ledger it is.
  void name(const std::optional<std::string>& row, const std::optional<Anchor>& found);
  /// Lets the ledger be where only each second is synced.
  core::Result<void> settle(const core::Result<void>& made);

  const std::shared_ptr<AnchorFile> file_;
  Anchor state_ = anchor_of_nothing();
  bool is_kept_ = false;
  bool is_to_be_made_ = false;
};

}  // namespace tally::events
