#include "projections/verify/verify_log.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "projections/verify/order_checks.hpp"
#include "projections/verify/tile_check.hpp"
#include "projections/verify/tree_check.hpp"

namespace tally::projections {
namespace {

using core::Errc;
using core::Result;

/// Empty, and a finding: it can not be read. A ledger without events may have none. Errors: io_failed.
Result<std::optional<events::LedgerHead>> find_head(const events::Reader& reader, Findings& findings) {
  const auto tell = [&](const core::Error& error) -> Result<std::optional<events::LedgerHead>> {
    if (error.code != Errc::corrupt) return error;
    findings.add(Finding::Kind::head, std::nullopt, "the ledger's head can not be read: " + error.detail);
    return std::optional<events::LedgerHead>{};
  };
  const auto row = reader.get(events::Family::meta, events::kHeadRow);
  if (row.has_error()) return tell(row.error());
  if (!*row) return std::optional{events::LedgerHead{}};
  auto head = events::decode_head(**row);
  if (head.has_error()) return tell(head.error());
  return std::optional{std::move(*head)};
}

/// Whether there are to be tiles. False, and a finding: its mark can not be read. Errors: io_failed, unknown_event.
Result<bool> find_tiles(const events::Reader& reader, Findings& findings) {
  const auto found = events::has_tiles(reader);
  if (found.has_value() || found.error().code != Errc::corrupt) return found;
  findings.add(Finding::Kind::head, std::nullopt,
               "the ledger's storage version can not be read: " + found.error().detail);
  return false;
}

/// How much of the ledger was looked at.
enum class Extent : bool { beginning, ledger };

std::vector<core::TreeHead> promised_by(std::span<const core::Commitment> signed_by,
                                        const std::optional<events::LedgerHead>& head) {
  std::vector<core::TreeHead> promised;
  for (const core::Commitment& commitment : signed_by) promised.push_back(commitment.tree);
  if (head) promised.push_back({head->tree.size(), head->tree.root()});
  return promised;
}

/// What is held against every event, in the order in which it is told.
class Checks {
 public:
  Checks(const events::Reader& reader, std::span<const core::Commitment> signed_by,
         const std::optional<events::LedgerHead>& head, bool has_tiles, TreeRows rows)
      : tiles_(has_tiles && rows == TreeRows::verified
                   ? std::make_unique<TileCheck>(reader, promised_by(signed_by, head))
                   : nullptr),
        tree_(signed_by, head, tiles_.get()),
        workspaces_(reader, has_tiles, tiles_ != nullptr) {}

  [[nodiscard]] std::span<LogCheck* const> all() const { return all_; }

  /// After the last event, of all or of the first ones.
  Result<VerifiedLog> end(const WalkedLog& walked, std::uint64_t size, Extent extent, Findings& findings) {
    VerifiedLog verified{walked, tree_.tree(), tree_.is_whole(), tree_.agrees(), workspaces_.events_not_followed()};
    const LogState state = verified.is_whole ? LogState::whole : LogState::doubted;
    TALLY_TRY(workspaces_.tell_roots(state, findings));
    if (extent == Extent::ledger) TALLY_TRY(workspaces_.tell_sizes(state, findings));
    if (!tiles_) return verified;
    TALLY_TRY(tiles_->end(size));
    if (extent == Extent::ledger) {
      TALLY_TRY(tiles_->find_extra(size, [&](const core::Uuid& workspace) { return workspaces_.size_of(workspace); }));
    }
    tiles_->tell(state, findings);
    return verified;
  }

 private:
  const std::unique_ptr<TileCheck> tiles_;
  TreeCheck tree_;
  TimeCheck times_;
  WorkspaceCheck workspaces_;
  const std::array<LogCheck*, 3> all_{&tree_, &times_, &workspaces_};
};

/// Of a store that is written meanwhile: each walk is over a snapshot of its own.
class ShortSnapshots final : public events::Reader {
 public:
  explicit ShortSnapshots(const events::Store& store) : store_(store) {}
  Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
    return store_.get(family, key);
  }
  std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
    return std::make_unique<Held>(store_.snapshot(), family, range);
  }

 private:
  class Held final : public events::Cursor {
   public:
    Held(std::unique_ptr<events::Reader> snapshot, events::Family family, const events::ScanRange& range)
        : snapshot_(std::move(snapshot)), cursor_(snapshot_->scan(family, range)) {}
    [[nodiscard]] bool valid() const override { return cursor_->valid(); }
    [[nodiscard]] std::string_view key() const override { return cursor_->key(); }
    [[nodiscard]] std::string_view value() const override { return cursor_->value(); }
    void next() override { cursor_->next(); }
    [[nodiscard]] Result<void> status() const override { return cursor_->status(); }

   private:
    const std::unique_ptr<events::Reader> snapshot_;
    const std::unique_ptr<events::Cursor> cursor_;
  };

  const events::Store& store_;
};

}  // namespace

Result<VerifiedLog> verify_log(const events::Reader& reader, std::span<const core::Commitment> signed_by,
                               Findings& findings, const std::function<void(const RebuildProgress&)>& on_progress,
                               TreeRows rows) {
  TALLY_TRY_ASSIGN(const auto head, find_head(reader, findings));
  TALLY_TRY_ASSIGN(const bool has_tiles, find_tiles(reader, findings));
  const std::uint64_t total = head ? head->tree.size() : 0;
  Checks checks{reader, signed_by, head, has_tiles, rows};
  const auto tell = [&](std::uint64_t events) {
    if (on_progress) on_progress({events, total});
  };
  TALLY_TRY_ASSIGN(const WalkedLog walked, walk_log(reader, checks.all(), findings, tell));
  return checks.end(walked, std::max(total, walked.size), Extent::ledger, findings);
}

struct LogVerification::Parts {
  Parts(const events::Store& store, std::vector<core::Commitment> commitments)
      : rows(store), signed_by(std::move(commitments)) {}

  ShortSnapshots rows;
  std::vector<core::Commitment> signed_by;
  Findings findings;
  std::uint64_t size = 0;
  std::optional<Checks> checks;
  std::optional<LogWalk> walk;
};

LogVerification::LogVerification(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LogVerification::LogVerification(LogVerification&&) noexcept = default;
LogVerification::~LogVerification() = default;

Result<LogVerification> LogVerification::begin(const events::Store& store, std::vector<core::Commitment> signed_by) {
  auto parts = std::make_unique<Parts>(store, std::move(signed_by));
  TALLY_TRY_ASSIGN(const auto head, find_head(parts->rows, parts->findings));
  TALLY_TRY_ASSIGN(const bool has_tiles, find_tiles(parts->rows, parts->findings));
  parts->size = head ? head->tree.size() : 0;
  parts->checks.emplace(parts->rows, parts->signed_by, head, has_tiles, TreeRows::verified);
  parts->walk.emplace(parts->rows, parts->size, parts->checks->all(), parts->findings);
  return LogVerification{std::move(parts)};
}

Result<bool> LogVerification::step() { return parts_->walk->step(); }

Result<VerifiedLog> LogVerification::end() {
  const WalkedLog walked = parts_->walk->end();
  return parts_->checks->end(walked, parts_->size, Extent::beginning, parts_->findings);
}

const Findings& LogVerification::findings() const { return parts_->findings; }

}  // namespace tally::projections
