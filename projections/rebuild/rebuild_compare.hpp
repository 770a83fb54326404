#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

/// Counts a difference, and keeps it if it is one of the first.
void note_difference(RebuildReport& report, events::Family family, std::string_view key, Difference::Kind kind);

/// Walks one family's live and rebuilt rows side by side, counts the rebuilt rows and notes every difference in
/// `report`, as rebuild() promises. Errors: corrupt, io_failed (of the rebuilt rows).
core::Result<void> compare_family(const events::Reader& live, const events::Reader& rebuilt, events::Family family,
                                  RebuildReport& report);

}  // namespace tally::projections
