#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/log/log.hpp"
#include "events/store/store.hpp"

namespace tally::projections {

/// An event, and its leaf's hash if that was asked for.
struct LoggedEvent {
  core::Event event;
  core::Digest leaf;
};

enum class Leaves : bool { unknown, hashed };

/// The log from `begin` up to `end`, decoded on a thread of its own, a bounded number of chunks ahead: decoding takes
/// as long as applying, so that two cores replay nearly twice as fast as one. Threads: next() from one. Lifetime: the
/// reader outlives it.
class EventStream {
 public:
  EventStream(const events::Reader& reader, core::Sequence begin, core::Sequence end, Leaves leaves);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// The next events, in order; an empty chunk at the end. After an error there is nothing more.
  /// Errors: corrupt, unknown_event, io_failed.
  core::Result<std::vector<LoggedEvent>> next();

 private:
  using Chunk = core::Result<std::vector<LoggedEvent>>;

  void decode_all();
  Chunk decode_chunk(events::LogCursor& log) const;
  /// False: nobody wants it any more.
  bool hand_over(Chunk chunk);

  const events::Reader& reader_;  // constant after construction
  const core::Sequence begin_;    // constant after construction
  const core::Sequence end_;      // constant after construction
  const Leaves leaves_;           // constant after construction
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> chunks_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  bool ended_ = false;        // of the caller's thread: the empty chunk or an error was given
  std::thread decoder_;
};

}  // namespace tally::projections
