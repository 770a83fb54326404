#include "projections/rebuild/event_stream.hpp"

#include <utility>

namespace tally::projections {

namespace {

constexpr std::size_t kEventsPerChunk = 1'024;

}  // namespace

EventStream::EventStream(const events::Reader& reader, core::Sequence begin, core::Sequence end, Leaves leaves)
    : log_(reader, begin), end_(end), leaves_(leaves), chunks_([this] { return decode_chunk(); }) {}

core::Result<std::vector<LoggedEvent>> EventStream::decode_chunk() {
  std::vector<LoggedEvent> events;
  events.reserve(kEventsPerChunk);
  while (events.size() < kEventsPerChunk) {
    core::Digest leaf;
    TALLY_TRY_ASSIGN(auto event, log_.next(leaves_ == Leaves::hashed ? &leaf : nullptr));
    if (!event || event->sequence >= end_) break;
    events.push_back({std::move(*event), leaf});
  }
  return events;
}

}  // namespace tally::projections
