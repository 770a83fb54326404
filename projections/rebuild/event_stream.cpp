#include "projections/rebuild/event_stream.hpp"

#include <utility>

namespace tally::projections {

namespace {

constexpr std::size_t kEventsPerChunk = 1'024;

}  // namespace

EventStream::EventStream(const events::Reader& reader, core::Sequence end)
    : log_(reader, core::Sequence{0}), end_(end), chunks_([this] { return decode_chunk(); }) {}

core::Result<std::vector<core::Event>> EventStream::decode_chunk() {
  std::vector<core::Event> events;
  events.reserve(kEventsPerChunk);
  while (events.size() < kEventsPerChunk) {
    TALLY_TRY_ASSIGN(auto event, log_.next());
    if (!event || event->sequence >= end_) break;
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace tally::projections
