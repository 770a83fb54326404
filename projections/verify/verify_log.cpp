#include "projections/verify/verify_log.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

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

std::vector<core::TreeHead> promised_by(std::span<const core::Commitment> signed_by,
                                        const std::optional<events::LedgerHead>& head) {
  std::vector<core::TreeHead> promised;
  for (const core::Commitment& commitment : signed_by) promised.push_back(commitment.tree);
  if (head) promised.push_back({head->tree.size(), head->tree.root()});
  return promised;
}

}  // namespace

Result<VerifiedLog> verify_log(const events::Reader& reader, std::span<const core::Commitment> signed_by,
                               Findings& findings, const std::function<void(const RebuildProgress&)>& on_progress,
                               TreeRows rows) {
  TALLY_TRY_ASSIGN(const auto head, find_head(reader, findings));
  TALLY_TRY_ASSIGN(const bool has_tiles, find_tiles(reader, findings));
  const std::uint64_t total = head ? head->tree.size() : 0;
  const bool are_rows_verified = has_tiles && rows == TreeRows::verified;
  std::optional<TileCheck> tiles;
  if (are_rows_verified) tiles.emplace(reader, promised_by(signed_by, head));
  TreeCheck tree{signed_by, head, tiles ? &*tiles : nullptr};
  TimeCheck times;
  WorkspaceCheck workspaces{reader, has_tiles, are_rows_verified};
  const std::array<LogCheck*, 3> checks{&tree, &times, &workspaces};
  VerifiedLog verified;
  const auto tell = [&](std::uint64_t events) {
    if (on_progress) on_progress({events, total});
  };
  TALLY_TRY_ASSIGN(verified.walked, walk_log(reader, checks, findings, tell));
  verified.tree = tree.tree();
  verified.is_whole = tree.is_whole();
  verified.agrees = tree.agrees();
  verified.events_unnumbered = workspaces.events_not_followed();
  const LogState state = verified.is_whole ? LogState::whole : LogState::doubted;
  TALLY_TRY(workspaces.tell(state, findings));
  if (tiles) {
    TALLY_TRY(tiles->end(std::max(total, verified.walked.size),
                         [&](const core::Uuid& workspace) { return workspaces.size_of(workspace); }));
    tiles->tell(state, findings);
  }
  return verified;
}

}  // namespace tally::projections
