#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/random.hpp"
#include "http/api/offboarding.hpp"
#include "http/server/clock.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Finishes what letting somebody go has begun, where nobody else will: after a start, and when a request was cut off.
/// A thread of its own, because it waits for the writer; it looks every second.
class OffboardingUpkeep {
 public:
  /// Lifetime: all of them outlive it.
  OffboardingUpkeep(const http::api::Offboarding& offboarding, const http::Clock& clock, core::RandomSource& random,
                    Log& log);
  /// stop().
  ~OffboardingUpkeep();
  OffboardingUpkeep(const OffboardingUpkeep&) = delete;
  OffboardingUpkeep& operator=(const OffboardingUpkeep&) = delete;

  /// Ends the thread after the step that it is in. While the writer still runs, for it may wait for that.
  void stop();

 private:
  void run();
  void finish_what_is_left();
  [[nodiscard]] bool is_stopping();

  const http::api::Offboarding& offboarding_;
  const http::Clock& clock_;
  core::RandomSource& random_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tally::tools
