#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/log/log.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/chunks_ahead.hpp"

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

  /// The next events, in order; an empty chunk at the end. After an error there is nothing more.
  /// Errors: corrupt, unknown_event, io_failed.
  core::Result<std::vector<LoggedEvent>> next() { return chunks_.next(); }

 private:
  core::Result<std::vector<LoggedEvent>> decode_chunk();

  events::LogCursor log_;     // of the decoding thread
  const core::Sequence end_;  // constant after construction
  const Leaves leaves_;       // constant after construction
  ChunksAhead<std::vector<LoggedEvent>> chunks_;
};

}  // namespace tally::projections
