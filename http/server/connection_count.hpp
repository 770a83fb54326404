#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace tally::http {

/// How many connections there are. Threads: any.
class ConnectionCount {
 public:
  /// The number with the new one.
  std::size_t enter() {
    std::lock_guard lock{mutex_};
    return ++count_;
  }
  void leave() {
    // Under the lock: whoever waits may destroy this object as soon as it sees 0.
    std::lock_guard lock{mutex_};
    if (--count_ == 0) none_.notify_all();
  }
  [[nodiscard]] std::size_t now() const {
    std::lock_guard lock{mutex_};
    return count_;
  }
  /// False: some are left after `duration`.
  bool wait_until_none(std::chrono::milliseconds duration) {
    std::unique_lock lock{mutex_};
    return none_.wait_for(lock, duration, [this] { return count_ == 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;  // guarded by mutex_
};

}  // namespace tally::http
