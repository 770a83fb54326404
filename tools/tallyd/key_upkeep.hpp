#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/random.hpp"
#include "http/server/clock.hpp"
#include "http/tokens/key_rotation.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Retires signing keys when nothing that they have signed is alive any more. A thread of its own, because it waits for
/// the writer; it wakes once a minute.
class KeyUpkeep {
 public:
  /// Lifetime: all of them outlive it.
  KeyUpkeep(http::KeyRotation& rotation, const http::Clock& clock, core::RandomSource& random, Log& log);
  /// stop().
  ~KeyUpkeep();
  KeyUpkeep(const KeyUpkeep&) = delete;
  KeyUpkeep& operator=(const KeyUpkeep&) = delete;

  /// Ends the thread. While the writer still runs, for it may wait for that.
  void stop();

 private:
  void run();
  void retire_expired();

  http::KeyRotation& rotation_;
  const http::Clock& clock_;
  core::RandomSource& random_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tally::tools
