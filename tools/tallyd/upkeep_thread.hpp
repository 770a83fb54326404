#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace tally::tools {

/// Something that is done again and again beside the server's work, on a thread of its own because it waits: for the
/// writer, or for a disk. Threads: the one that made it, but for is_stopping().
class UpkeepThread {
 public:
  enum class First : std::uint8_t { at_once, after_the_pause };

  /// A broken promise in `task`, or anything else that it throws, is told to `on_fault`, and the next pause goes on:
  /// what the task reads may be damaged. Lifetime: what both use outlives stop().
  UpkeepThread(std::chrono::milliseconds pause, First first, std::function<void()> task,
               std::function<void(const char* what)> on_fault);
  /// stop().
  ~UpkeepThread();
  UpkeepThread(const UpkeepThread&) = delete;
  UpkeepThread& operator=(const UpkeepThread&) = delete;

  /// Ends the thread after the turn that it is in.
  void stop();
  /// For a task that has many steps. Threads: any.
  [[nodiscard]] bool is_stopping() const;
  /// For a task that rests between its steps. False, at once: it is to end. Threads: any.
  [[nodiscard]] bool rest_for(std::chrono::microseconds pause) const;
  /// The task once, on the calling thread, as the thread does it.
  void run_once() const;

 private:
  void run();

  const std::chrono::milliseconds pause_;
  const First first_;
  const std::function<void()> task_;
  const std::function<void(const char*)> on_fault_;
  mutable std::mutex mutex_;
  mutable std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tally::tools
