#pragma once

#include "core/base/random.hpp"
#include "http/api/offboarding.hpp"
#include "http/server/clock.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/upkeep_thread.hpp"

namespace tally::tools {

/// Finishes what letting somebody go has begun, where nobody else will: after a start, and when a request was cut off.
/// A thread of its own, because it waits for the writer; it looks every second.
class OffboardingUpkeep {
 public:
  /// Lifetime: all of them outlive it.
  OffboardingUpkeep(const http::Offboarding& offboarding, const http::Clock& clock, core::RandomSource& random,
                    Log& log);
  /// Ends the thread after the step that it is in. While the writer still runs, for it may wait for that.
  void stop() { thread_.stop(); }

 private:
  void finish_what_is_left();

  const http::Offboarding& offboarding_;
  const http::Clock& clock_;
  core::RandomSource& random_;
  Log& log_;
  UpkeepThread thread_;
};

}  // namespace tally::tools
