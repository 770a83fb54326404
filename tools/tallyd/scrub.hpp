#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/ledger/commitment.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "events/store/store.hpp"
#include "projections/verify/verify_log.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// What the last look at the whole ledger found. Threads: any.
class LedgerHealth {
 public:
  void found(std::uint64_t damaged) { damaged_ = damaged; }
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  /// Errors: corrupt.
  [[nodiscard]] core::Result<void> check() const;

 private:
  std::atomic<std::uint64_t> damaged_{0};
};

/// Verifies the whole log while it is served, with a rest after each piece, and has it recorded in the ledger: the
/// evidence that changes are looked for. Damage is told in the log; writes go on. Threads: one.
class Scrub {
 public:
  struct Parts {
    const events::Store& store;
    /// Who has signed what; asked before each run.
    std::function<core::Result<std::vector<core::Commitment>>()> signed_by;
    std::function<core::Result<void>(const core::RecordVerification&)> record;
    std::function<bool(core::Duration)> rest;  ///< False: the run is to end.
    std::function<core::Duration()> clock;     ///< That only goes forward.
    LedgerHealth& health;
    Log& log;
  };
  enum class Outcome : std::uint8_t {
    verified,  ///< Or damaged: it is told.
    stopped,
    failed,  ///< It could not be read, or not be recorded; told, too.
  };

  /// Lifetime: what the parts use outlives it.
  explicit Scrub(Parts parts) : parts_(std::move(parts)) {}
  /// The whole log once.
  Outcome run();

 private:
  /// Errors: of the verification, stopping.
  core::Result<projections::VerifiedLog> look(projections::LogVerification& verification);
  void tell(const projections::VerifiedLog& verified, const projections::Findings& findings, core::Duration took);

  const Parts parts_;
};

/// When the next run is due: one soon after a start, for nobody knows when the last one was; then each so many days.
class ScrubPlan {
 public:
  /// `first`: when the first one is. All times are of a clock that only goes forward.
  ScrubPlan(core::Duration period, core::Duration first) : period_(period), due_(first) {}
  [[nodiscard]] bool is_due(core::Duration now) const { return now >= due_; }
  void ran(Scrub::Outcome outcome, core::Duration now);

 private:
  const core::Duration period_;
  core::Duration due_;
};

}  // namespace tally::tools
