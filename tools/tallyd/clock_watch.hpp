#pragma once

#include <atomic>
#include <functional>
#include <mutex>

#include "core/base/result.hpp"
#include "core/ledger/clock_doubt.hpp"
#include "http/server/clock.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// CLOCK_BOOTTIME. Source: clock_gettime(2).
core::Duration time_since_boot();

/// Keeps a wrong clock from dating anything: the one place that every command passes, asked by the writer. Says in the
/// log when a doubt begins, with the times, and when it is over. Threads: any. Source: docs/adr/0034.
class ClockWatch {
 public:
  using BootClock = std::function<core::Duration()>;
  /// What is there before the first look. `newest`: of the ledger's last event.
  struct Start {
    core::Timestamp newest;
    bool is_acceptance_unfinished = false;  ///< `tally clock accept` was cut short: it has to end first.
  };
  /// Looks at once. Lifetime: clock and log outlive it.
  ClockWatch(const http::Clock& clock, Log& log, Start start, BootClock boot_clock = time_since_boot);

  /// Whether a command of that reading may be run: the clock is good now, and the reading is of a good one. One that
  /// has waited is: what it counts ends earlier for that. Errors: clock_in_doubt.
  core::Result<void> admit(core::Timestamp reading, core::Timestamp newest);

  /// The same look when there is no command: now and then, for the log and for check().
  void look();

  /// Of the last look. Errors: clock_in_doubt.
  [[nodiscard]] core::Result<void> check() const;

 private:
  struct Seen {
    core::ClockReading reading;
    core::ClockDoubt before = core::ClockDoubt::none;
    core::ClockDoubt now = core::ClockDoubt::none;
  };
  [[nodiscard]] core::ClockReading read() const { return {clock_.now(), boot_clock_()}; }
  /// Returns the reading's wall clock.
  core::Timestamp look_at(core::Timestamp newest);
  void tell(const Seen& seen);  // under mutex_

  const http::Clock& clock_;
  Log& log_;
  const BootClock boot_clock_;
  const bool is_acceptance_unfinished_;
  std::mutex mutex_;
  core::ClockJudge judge_;  // guarded by mutex_
  core::Timestamp newest_;  // guarded by mutex_
  std::atomic<core::ClockDoubt> doubt_{core::ClockDoubt::none};
};

}  // namespace tally::tools
