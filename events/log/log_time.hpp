#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "events/log/log.hpp"
#include "events/store/store.hpp"

/// Where a moment lies in the log. Source: docs/adr/0035.
namespace tally::events {

/// How many events, by sequence, were there before `time`: up to and with the last one, by sequence, that was recorded
/// earlier. Times go back at a ClockAccepted only, so that about 2 log2(size) events tell, and two more for each such
/// event that is not earlier. `head` is the reader's. Errors: corrupt, unknown_event, io_failed.
core::Result<std::uint64_t> events_before(const Reader& reader, const LedgerHead& head, core::Timestamp time);

/// The same up to and with the last one that is not later than `time`.
core::Result<std::uint64_t> events_until(const Reader& reader, const LedgerHead& head, core::Timestamp time);

}  // namespace tally::events
