#pragma once

#include <functional>

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

/// After how many events the place that a pass has come to is kept.
inline constexpr std::uint64_t kEventsPerStep = 65'536;

/// Makes the tiles and the workspaces' trees of a ledger whose storage version has none, in one pass over its log, and
/// marks it as one that has them: only if the root that comes out is its head's, and each workspace's events are as
/// many as its row says and numbered without a gap. Where the pass has come to is kept every `events_per_step`, a
/// multiple of 256 (checked), durably, so that a call after a crash goes on from there. The number of events in the
/// ledger. Errors: corrupt, unknown_event, io_failed, no_space, outcome_unknown, stopping (`is_to_end`, which is asked
/// again and again, and may be empty); the storage version is the old one then.
core::Result<std::uint64_t> make_tiles(events::Store& store,
                                       const std::function<void(const RebuildProgress&)>& on_progress,
                                       std::uint64_t events_per_step = kEventsPerStep,
                                       const std::function<bool()>& is_to_end = {});

}  // namespace tally::projections
