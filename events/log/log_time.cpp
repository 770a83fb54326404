#include "events/log/log_time.hpp"

#include <optional>

namespace tally::events {
namespace {

core::Result<core::Event> require_event(const Reader& reader, std::uint64_t sequence) {
  TALLY_TRY_ASSIGN(auto event, read_event(reader, core::Sequence{sequence}));
  if (!event) return core::fail(core::Errc::corrupt, "event " + std::to_string(sequence) + " is missing from the log");
  return std::move(*event);
}

/// The end of the events of [begin, end) that are earlier than `time`; their times never go back.
core::Result<std::uint64_t> end_of_earlier(const Reader& reader, std::uint64_t begin, std::uint64_t end,
                                           core::Timestamp time) {
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    TALLY_TRY_ASSIGN(const core::Event event, require_event(reader, middle));
    if (event.recorded_at < time) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace

core::Result<std::uint64_t> events_before(const Reader& reader, const LedgerHead& head, core::Timestamp time) {
  std::uint64_t end = head.tree.size();
  std::optional<core::Sequence> begins = head.correction ? std::optional{head.correction->accepted} : std::nullopt;
  // From the newest stretch backward: one that begins earlier holds the last event that is.
  while (begins) {
    TALLY_TRY_ASSIGN(const core::Event first, require_event(reader, begins->value));
    const auto* accepted = std::get_if<core::ClockAccepted>(&first.payload);
    if (accepted == nullptr || (accepted->previous && *accepted->previous >= *begins)) {
      return core::fail(core::Errc::corrupt,
                        "event " + std::to_string(begins->value) + " is no correction of the time");
    }
    if (first.recorded_at < time) return end_of_earlier(reader, begins->value, end, time);
    end = begins->value;
    begins = accepted->previous;
  }
  return end_of_earlier(reader, 0, end, time);
}

core::Result<std::uint64_t> events_until(const Reader& reader, const LedgerHead& head, core::Timestamp time) {
  if (time >= core::kLatestTime) return head.tree.size();
  return events_before(reader, head, time + core::Duration{1});
}

}  // namespace tally::events
