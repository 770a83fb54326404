#include "tools/tallyd/clock_watch.hpp"

#include <ctime>
#include <utility>

#include "core/base/check.hpp"

namespace tally::tools {
namespace {

using core::ClockDoubt;

core::Error in_doubt() { return core::fail(core::Errc::clock_in_doubt, "the server's clock is in doubt"); }

}  // namespace

core::Duration time_since_boot() {
  timespec time{};
  TALLY_CHECK(clock_gettime(CLOCK_BOOTTIME, &time) == 0);
  return std::chrono::duration_cast<core::Duration>(std::chrono::seconds{time.tv_sec} +
                                                    std::chrono::nanoseconds{time.tv_nsec});
}

ClockWatch::ClockWatch(const http::Clock& clock, Log& log, Start start, BootClock boot_clock)
    : clock_(clock),
      log_(log),
      boot_clock_(std::move(boot_clock)),
      is_acceptance_unfinished_(start.is_acceptance_unfinished),
      judge_(read()),
      newest_(start.newest) {
  if (is_acceptance_unfinished_) {
    log_.error("tally clock accept was cut short: no command is taken until the server is stopped and it is run again");
  }
  look();
}

core::Result<void> ClockWatch::admit(core::Timestamp reading, core::Timestamp newest) {
  const core::Timestamp now = look_at(newest);
  if (core::lies_ahead(reading, now)) return in_doubt();
  return check();
}

void ClockWatch::look() {
  core::Timestamp newest;
  {
    const std::lock_guard lock{mutex_};
    newest = newest_;
  }
  look_at(newest);
}

core::Result<void> ClockWatch::check() const {
  const bool is_good = !is_acceptance_unfinished_ && doubt_.load(std::memory_order_acquire) == ClockDoubt::none;
  return is_good ? core::Result<void>{} : in_doubt();
}

core::Timestamp ClockWatch::look_at(core::Timestamp newest) {
  const std::lock_guard lock{mutex_};
  newest_ = newest;
  // Read under the lock, so that of two threads the later look has the later reading.
  Seen seen{read(), judge_.doubt(), ClockDoubt::none};
  seen.now = judge_.look(seen.reading, newest);
  doubt_.store(seen.now, std::memory_order_release);
  if (seen.now != seen.before) tell(seen);
  return seen.reading.wall;
}

void ClockWatch::tell(const Seen& seen) {
  const std::string clock = core::to_rfc3339(seen.reading.wall);
  const std::string newest = core::to_rfc3339(newest_);
  const std::string expected = core::to_rfc3339(judge_.expected(seen.reading.since_boot));
  switch (seen.now) {
    case ClockDoubt::none:
      return log_.info("the clock is no longer in doubt: commands are taken again", {{"clock", clock}});
    case ClockDoubt::behind_newest:
      return log_.error(
          "the clock is behind the ledger's newest event: no command is taken until it is not. If the clock is right, "
          "stop the server and run tally clock accept",
          {{"reason", core::name_of(seen.now)}, {"clock", clock}, {"newest_event", newest}});
    case ClockDoubt::jumped:
      return log_.error(
          "the clock has jumped: no command is taken until that is taken back. If the clock is right, start the server "
          "anew",
          {{"reason", core::name_of(seen.now)}, {"clock", clock}, {"expected", expected}});
  }
}

}  // namespace tally::tools
