#include "http/api/live_events.hpp"

#include <utility>

#include "http/formats/event_view.hpp"
#include "http/formats/views.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

/// How long a client waits before it comes back.
constexpr std::string_view kGreeting = "retry: 2000\n\n";
/// A comment. It keeps proxies from giving up, and tells this side whether the other is still there.
constexpr std::string_view kHeartbeat = ":\n\n";

}  // namespace

LiveEvents::LiveEvents(Order order, const projections::AuditQueries& audit, const projections::PeopleQueries& people,
                       const Clock& clock)
    : order_(std::move(order)), audit_(audit), names_(people), clock_(clock), began_(clock.now()), last_said_(began_) {}

core::Result<void> LiveEvents::append_events(std::string& piece) {
  // Read before the page: what is recorded in between is then looked at again instead of passed over.
  TALLY_TRY_ASSIGN(const std::uint64_t size, audit_.size());
  TALLY_TRY_ASSIGN(
      projections::AuditPage page,
      audit_.list(order_.filter, order_.after, {limits::kLiveStreamEventsPerPiece, limits::kLiveStreamPieceBytes}));
  for (const core::Event& event : page.items) {
    TALLY_TRY(learn_people(event.actor, names_));
    piece.append("id: ").append(std::to_string(event.sequence.value)).append("\ndata: ");
    JsonWriter json{piece};
    write_event(json, event, names_);
    piece += "\n\n";
    order_.after = event.sequence;
  }
  pause_ = page.next_after ? std::chrono::milliseconds::zero() : limits::kLiveStreamPause;
  const std::optional<core::Sequence> looked_at = page.next_after ? page.next_after
                                                  : size > 0      ? std::optional{core::Sequence{size - 1}}
                                                                  : std::nullopt;
  if (looked_at && (!order_.after || *order_.after < *looked_at)) order_.after = looked_at;
  // From now on the place in the log says it: a time is found anew each time, and may move when the clock is accepted.
  if (order_.after) order_.filter.since.reset();
  return {};
}

core::Result<std::optional<std::string>> LiveEvents::next() {
  const core::Timestamp now = clock_.now();
  if (now >= began_ + limits::kLiveStreamLifetime) return std::optional<std::string>{};
  TALLY_TRY_ASSIGN(const bool allowed, order_.still_allowed(now));
  if (!allowed) return std::optional<std::string>{};
  std::string piece;
  if (!std::exchange(is_begun_, true)) piece += kGreeting;
  TALLY_TRY(append_events(piece));
  if (piece.empty() && now >= last_said_ + limits::kLiveStreamHeartbeat) piece += kHeartbeat;
  if (!piece.empty()) last_said_ = now;
  return std::optional<std::string>{std::move(piece)};
}

}  // namespace tally::http
