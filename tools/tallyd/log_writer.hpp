#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tally::tools {

/// What may wait for whoever reads the log. What comes when it is full is dropped and counted.
inline constexpr std::size_t kLogLinesMax = 8192;
inline constexpr std::size_t kLogBytesMax = 2 << 20;

/// Lines of JSON on their way to a descriptor that somebody else reads, or does not: one thread writes, nobody else
/// ever waits. What was lost before a line, because the queue was full or could not be written, stands in that line as
/// `skipped`. Threads: any.
class LogWriter {
 public:
  /// An eighth of the queue is kept for lines that must not be missed because of those that may.
  enum class Weight : std::uint8_t { ordinary, heavy };

  /// Lifetime: the descriptor stays open. A broken pipe must not be a signal (SIGPIPE).
  explicit LogWriter(int descriptor);
  /// flush() for kFlushTimeout; a thread that is still held up by the reader is left behind.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  static constexpr std::chrono::milliseconds kFlushTimeout{1000};

  /// `members`: a JSON object without its closing brace, of at least one member and without a line's end.
  void add(std::string members, Weight weight);
  /// Waits until all that was added is written or given up. False: the reader needs longer than `timeout`.
  bool flush(std::chrono::milliseconds timeout);

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread's, too
};

}  // namespace tally::tools
