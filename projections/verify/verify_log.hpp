#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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

/// The same in steps, of a ledger that is written meanwhile: of the events that it has when this begins. What changes
/// as it grows (how many events a workspace has) is not looked at. In between no snapshot is held. Threads: one, beside
/// the writer's. Lifetime: the store outlives it.
class LogVerification {
 public:
  /// `signed_by`: nobody who may have signed more than there is. Errors: io_failed, unknown_event.
  static core::Result<LogVerification> begin(const events::Store& store, std::vector<core::Commitment> signed_by);
  LogVerification(LogVerification&& other) noexcept;
  ~LogVerification();

  /// As LogWalk::step().
  core::Result<bool> step();
  /// After the last step, once. Errors: io_failed, stopping.
  core::Result<VerifiedLog> end();
  [[nodiscard]] const Findings& findings() const;

 private:
  struct Parts;
  explicit LogVerification(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tally::projections
