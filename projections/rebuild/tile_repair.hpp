#pragma once

#include <functional>

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

/// Writes the tiles and the workspaces' trees that differ from the log anew, durably, and takes away those that it does
/// not give. Differences are what was written. The log must have been verified: what it gives is taken for what was
/// written once. What is done stays after a crash, and the next call does the rest. No writer may run. Errors: corrupt
/// (the log, or it is not what its head commits to; some rows may be written then), unknown_event, io_failed, no_space,
/// outcome_unknown.
core::Result<RebuildReport> repair_tiles(events::Store& store,
                                         const std::function<void(const RebuildProgress&)>& on_progress);

}  // namespace tally::projections
