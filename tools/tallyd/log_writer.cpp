#include "tools/tallyd/log_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <poll.h>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tally::tools {
namespace {

/// One write takes this much at least, if it is there.
constexpr std::size_t kBatchBytes = 64 << 10;
/// For heavy lines alone.
constexpr std::size_t kReserve = 8;
constexpr std::chrono::milliseconds kPollInterval{100};

struct Line {
  std::string members;
  std::uint64_t skipped = 0;  ///< Dropped before it.
};

/// Somebody who shares the descriptor may have made it one that does not wait.
void await_room(int descriptor) {
  pollfd waited{descriptor, POLLOUT, 0};
  static_cast<void>(::poll(&waited, 1, static_cast<int>(kPollInterval.count())));
}

/// The part of `text` that could not be written; empty if all was.
std::string_view write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(descriptor, text.data(), text.size());
    if (bytes > 0) {
      text.remove_prefix(static_cast<std::size_t>(bytes));
    } else if (errno == EAGAIN) {
      await_room(descriptor);
    } else if (errno != EINTR) {
      break;
    }
  }
  return text;
}

}  // namespace

struct LogWriter::State {
  explicit State(int where) : descriptor(where) {}

  void run();
  void take_batch();
  void write_batch();
  [[nodiscard]] bool has_room(std::size_t bytes_more, Weight weight) const;

  const int descriptor;
  std::mutex mutex;
  std::condition_variable added;
  std::condition_variable written;
  std::deque<Line> lines;     // guarded by mutex
  std::size_t bytes = 0;      // of lines; guarded by mutex
  std::uint64_t dropped = 0;  // since the last line that was taken; guarded by mutex
  bool is_writing = false;    // guarded by mutex
  bool is_ending = false;     // guarded by mutex
  std::string batch;          // the thread's own
  std::uint64_t lost = 0;     // could not be written, and no line has said so yet; the thread's own
  bool is_torn = false;       // a line was written in part; the thread's own
};

bool LogWriter::State::has_room(std::size_t bytes_more, Weight weight) const {
  const std::size_t parts = weight == Weight::heavy ? kReserve : kReserve - 1;
  return lines.size() < kLogLinesMax / kReserve * parts && bytes + bytes_more <= kLogBytesMax / kReserve * parts;
}

void LogWriter::State::run() {
  std::unique_lock lock{mutex};
  for (;;) {
    added.wait(lock, [this] { return is_ending || !lines.empty(); });
    if (lines.empty()) return;
    take_batch();
    is_writing = true;
    lock.unlock();
    write_batch();
    lock.lock();
    is_writing = false;
    if (lines.empty()) written.notify_all();
  }
}

void LogWriter::State::take_batch() {
  batch.clear();
  if (std::exchange(is_torn, false)) batch.push_back('\n');
  while (!lines.empty() && batch.size() < kBatchBytes) {
    const Line& line = lines.front();
    batch.append(line.members);
    const std::uint64_t skipped = line.skipped + std::exchange(lost, 0);
    if (skipped > 0) batch.append(",\"skipped\":").append(std::to_string(skipped));
    batch.append("}\n");
    bytes -= line.members.size();
    lines.pop_front();
  }
}

void LogWriter::State::write_batch() {
  const std::string_view rest = write_all(descriptor, batch);
  // A line that has come out in part is lost as well, and the next begins a line of its own.
  lost += static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
  is_torn = !rest.empty() && rest.size() < batch.size() && batch[batch.size() - rest.size() - 1] != '\n';
}

LogWriter::LogWriter(int descriptor) : state_(std::make_shared<State>(descriptor)) {
  std::thread{[state = state_] { state->run(); }}.detach();
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->is_ending = true;
  }
  state_->added.notify_one();
  static_cast<void>(flush(kFlushTimeout));
}

void LogWriter::add(std::string members, Weight weight) {
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->has_room(members.size(), weight)) {
      ++state_->dropped;
      return;
    }
    state_->bytes += members.size();
    state_->lines.push_back({std::move(members), std::exchange(state_->dropped, 0)});
  }
  state_->added.notify_one();
}

bool LogWriter::flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock{state_->mutex};
  return state_->written.wait_for(lock, timeout, [this] { return state_->lines.empty() && !state_->is_writing; });
}

}  // namespace tally::tools
