#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/log/log.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/chunks_ahead.hpp"

namespace tally::projections {

/// The log from its beginning up to `end`, decoded on a thread of its own, a bounded number of chunks ahead: decoding
/// takes as long as applying, so that two cores replay nearly twice as fast as one. Threads: next() from one. Lifetime:
/// the reader outlives it.
class EventStream {
 public:
  EventStream(const events::Reader& reader, core::Sequence end);

  /// The next events, in order; an empty chunk at the end. After an error there is nothing more.
  /// Errors: corrupt, unknown_event, io_failed.
  core::Result<std::vector<core::Event>> next() { return chunks_.next(); }

 private:
  core::Result<std::vector<core::Event>> decode_chunk();

  events::LogCursor log_;     // of the decoding thread
  const core::Sequence end_;  // constant after construction
  ChunksAhead<std::vector<core::Event>> chunks_;
};

}  // namespace tally::projections
