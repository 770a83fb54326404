#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/ledger/commitment.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "projections/verify/findings.hpp"
#include "projections/verify/log_walk.hpp"

namespace tally::projections {

struct VerifiedLog {
  WalkedLog walked;
  core::TreeHead tree;  ///< Of the first events, up to the first that is missing.
  /// All events are there and can be decoded, and are those of the head and of whoever has signed them.
  bool is_whole = false;
  std::vector<bool> agrees;             ///< By the order of who has signed: the log has that root.
  std::uint64_t events_unnumbered = 0;  ///< Of more workspaces than can be followed: their numbers were not looked at.
};

/// Whether the rows of the trees are looked at, too.
enum class TreeRows : bool { left_out, verified };

/// Holds a log against itself, its head and whoever has signed it: every event is there once, in its place, and an
/// event; time and the workspaces' numbers go on; the roots are those that were committed to; the tiles and the
/// workspaces' trees, where the storage version has them, are those of the log. `reader` is of one moment. Errors:
/// io_failed, stopping, unknown_event (a later release's storage version); damage is a finding.
core::Result<VerifiedLog> verify_log(const events::Reader& reader, std::span<const core::Commitment> signed_by,
                                     Findings& findings, const std::function<void(const RebuildProgress&)>& on_progress,
                                     TreeRows rows = TreeRows::verified);

}  // namespace tally::projections
