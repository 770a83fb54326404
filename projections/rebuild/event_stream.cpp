#include "projections/rebuild/event_stream.hpp"

#include <utility>

namespace tally::projections {

namespace {

constexpr std::size_t kEventsPerChunk = 1'024;
constexpr std::size_t kChunksAheadMax = 8;

}  // namespace

EventStream::EventStream(const events::Reader& reader, core::Sequence begin, core::Sequence end, Leaves leaves)
    : reader_(reader), begin_(begin), end_(end), leaves_(leaves), decoder_([this] { decode_all(); }) {}

EventStream::~EventStream() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  decoder_.join();
}

core::Result<std::vector<LoggedEvent>> EventStream::next() {
  if (ended_) return std::vector<LoggedEvent>{};
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !chunks_.empty(); });
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  lock.unlock();
  changed_.notify_all();
  ended_ = chunk.has_error() || chunk->empty();
  return chunk;
}

void EventStream::decode_all() {
  events::LogCursor log{reader_, begin_};
  for (;;) {
    Chunk chunk = decode_chunk(log);
    const bool is_last = chunk.has_error() || chunk->empty();
    if (!hand_over(std::move(chunk)) || is_last) return;
  }
}

EventStream::Chunk EventStream::decode_chunk(events::LogCursor& log) const {
  std::vector<LoggedEvent> events;
  events.reserve(kEventsPerChunk);
  while (events.size() < kEventsPerChunk) {
    core::Digest leaf;
    TALLY_TRY_ASSIGN(auto event, log.next(leaves_ == Leaves::hashed ? &leaf : nullptr));
    if (!event || event->sequence >= end_) break;
    events.push_back({std::move(*event), leaf});
  }
  return events;
}

bool EventStream::hand_over(Chunk chunk) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return stopping_ || chunks_.size() < kChunksAheadMax; });
  if (stopping_) return false;
  chunks_.push_back(std::move(chunk));
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace tally::projections
