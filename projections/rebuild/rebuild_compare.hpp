#pragma once

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

/// Walks one family's live and rebuilt rows side by side, counts the rebuilt rows and notes every difference in
/// `report`, as rebuild() promises. Errors: corrupt, io_failed (of the rebuilt rows).
core::Result<void> compare_family(const events::Reader& live, const events::Reader& rebuilt, events::Family family,
                                  RebuildReport& report);

}  // namespace tally::projections
