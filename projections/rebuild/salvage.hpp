#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "events/rocks/rocks_salvage.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

struct SalvageReport {
  std::uint64_t events = 0;
  bool head_was_found = false;  ///< False: nothing said how long the log should be.
  /// Of rows that are in no event, those that could not be read, or not all: names of families.
  std::vector<std::string_view> lost;
};

/// Writes what `from` still holds into an empty ledger: the log, event by event, with its head; the rows that are in no
/// event; and everything else anew from the log. What is written is whole only when this has returned. Errors: corrupt
/// (an event is missing or can not be read, or the log is not what its head commits to), unknown_event (a later
/// release's), io_failed, no_space.
core::Result<SalvageReport> salvage(const events::Salvage& from, events::Store& into,
                                    const std::function<void(const RebuildProgress&)>& on_progress);

}  // namespace tally::projections
