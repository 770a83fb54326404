#pragma once

#include <functional>

#include "core/context.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "events/projection.hpp"
#include "events/store.hpp"
#include "events/transaction.hpp"

namespace tally::events {

/// What else a ledger must be before anything is written to it. Its errors are start_ledger's.
using HeadCheck = std::function<core::Result<void>(const LedgerHead&)>;

/// Opens the ledger for writing: checks the schema version and the head against the log's end, asks `check` if there
/// is one, and appends LedgerStarted with the size and root found, durably. Returns the head after it. Errors: corrupt,
/// unknown_event (a newer schema), io_failed, no_space.
core::Result<LedgerHead> start_ledger(Store& store, std::span<Projection* const> projections,
                                      const core::CommandContext& context, core::RandomSource& random,
                                      const HeadCheck& check = {});

}  // namespace tally::events
