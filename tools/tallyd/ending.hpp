#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace tally::tools {

/// How long a process may take that was asked to end. Less than the ten seconds after which a container is killed.
inline constexpr std::chrono::seconds kStopTimeout{9};
/// After a failed write: whoever waits has been told, and nothing in memory can be trusted.
inline constexpr std::chrono::seconds kFatalStopTimeout{5};

/// Waits for SIGTERM, SIGINT or a failed write; until then, SIGHUP asks to read files again. From the signal on the
/// process has kStopTimeout, whatever its threads do, also while it still starts: then it ends with `cut_off_status`
/// and without another word. Further signals change nothing. One in a process.
class Ending {
 public:
  explicit Ending(int cut_off_status);
  ~Ending();
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

  /// A write failed: the process has kFatalStopTimeout. Threads: any.
  void fail();
  /// What is left to do is the disk's, which may take as long as it needs. Threads: any.
  void take_the_time();
  /// Until a signal or fail(). `on_hangup` runs on the calling thread.
  void wait(const std::function<void()>& on_hangup);
  /// Whether a signal has asked for the end. Threads: any.
  [[nodiscard]] bool was_asked_for() const { return asked_for_.load(); }
  /// Whether fail() was called, be it while the process was ending already. Threads: any.
  [[nodiscard]] bool has_failed() const { return failed_.load(); }

 private:
  void await_hangup(const std::function<void()>& on_hangup);
  void begin_deadline(std::chrono::seconds timeout) const;

  const int cut_off_status_;
  boost::asio::io_context context_{1};  // run by whoever waits
  boost::asio::signal_set hangups_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> asked_for_{false};
  /// Of its own, so that the deadline begins with the signal, whatever the main thread does.
  boost::asio::io_context watch_{1};
  boost::asio::signal_set signals_;
  std::thread watcher_;
};

}  // namespace tally::tools
