#pragma once

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/base/time.hpp"
#include "http/server/clock.hpp"
#include "tools/tallyd/clock_watch.hpp"

namespace tally::tools {

/// Up to when rows that end have ended for good, for whoever throws them away: never later than the clock says, nor
/// than the last event of the process before, gone on by the time since. A clock that is ahead, be it for a moment,
/// throws nothing away that lives when it is right again. Before begin() nothing has ended. Threads: any.
class ExpiryClock {
 public:
  /// Lifetime: the clock outlives it.
  explicit ExpiryClock(const http::Clock& clock, ClockWatch::BootClock boot_clock = time_since_boot)
      : clock_(clock), boot_clock_(std::move(boot_clock)) {}

  /// `newest`: of the last event before this start; the clock's reading in a new ledger.
  void begin(core::Timestamp newest) { zero_ = newest - boot_clock_(); }
  [[nodiscard]] core::Timestamp now() const {
    const core::Timestamp zero = zero_.load();
    if (zero == core::Timestamp::min()) return zero;
    return std::min(clock_.now(), zero + boot_clock_());
  }

 private:
  const http::Clock& clock_;
  const ClockWatch::BootClock boot_clock_;
  std::atomic<core::Timestamp> zero_{core::Timestamp::min()};
};

}  // namespace tally::tools
