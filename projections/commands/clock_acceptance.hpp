#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/base/result.hpp"
#include "core/state/context.hpp"
#include "events/log/log.hpp"
#include "events/log/storage_marks.hpp"
#include "events/store/store.hpp"

/// The way out where the clock is right and the ledger's time is not: time goes back once, by an event, and what the
/// wrong clock has made is stopped. Of a ledger that no writer has open. Source: docs/adr/0035.
namespace tally::projections {

/// The events of a ledger that are dated later than a moment: the last ones.
struct AheadEvents {
  core::Sequence first;
  std::uint64_t count = 0;
};
/// None, if the newest event lies no more than kClockTolerance ahead of `now`. Errors: corrupt, unknown_event,
/// io_failed.
core::Result<AheadEvents> find_ahead(const events::Reader& reader, const events::LedgerHead& head, core::Timestamp now);

/// What an acceptance has done.
struct AcceptedClock {
  std::uint64_t tokens_disabled = 0;  ///< Since its ClockAccepted, over all calls that it took.
  std::uint64_t keys_retired = 0;
  std::uint64_t rows_dropped = 0;  ///< Sessions, kept answers and open retry windows.
};

struct AcceptanceBounds {
  std::size_t log_events = 1'000;        ///< Looked at in one step at the most; a step is one durable write.
  std::size_t pending_bytes = 1U << 20;  ///< After which it is written.
};

/// The ClockAcceptance of one ledger, step by step, each of them durable: a process that ends in between leaves one
/// that the next call goes on with, and until then a server takes no command. First of all an acceptance that was cut
/// short is finished; then, if events are ahead, a new one is made. Empty: neither was there, and nothing is written.
/// `contexts`: the clock's reading, and entropy, for each step. Errors: corrupt, unknown_event, io_failed, no_space.
core::Result<std::optional<AcceptedClock>> accept_clock(events::Store& store, const events::LedgerHead& head,
                                                        events::ProjectionList projections,
                                                        const std::function<core::CommandContext()>& contexts,
                                                        AcceptanceBounds bounds = {});

}  // namespace tally::projections
