#pragma once

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "events/log/log.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// What a start looks at of a ledger with tiles, however long it is: that the last event is the head's, that tiles and
/// the events behind the last full one make the trees that the head commits to, and that 256 events from anywhere are
/// those that were hashed. Errors: corrupt (the detail names the event, or the first and the last of those among which
/// it is), unknown_event, io_failed.
core::Result<void> check_at_start(const Reader& reader, const LedgerHead& head, core::RandomSource& random);

}  // namespace tally::events
