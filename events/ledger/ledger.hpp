#pragma once

#include <functional>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/state/context.hpp"
#include "events/ledger/transaction.hpp"
#include "events/log/storage_marks.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// What else a ledger must be, or has to become, before an event is appended to it. Its errors are start_ledger's.
using Preparation = std::function<core::Result<void>(const LedgerHead&)>;

/// Opens the ledger for writing: refuses a later release's, looks at its end and at events from anywhere
/// (start_check.hpp; of one that has no tiles yet afterwards), runs `prepare` if there is one, and appends
/// LedgerStarted with the size and root found, durably. An empty ledger is marked as this release's; another must be so
/// after `prepare`. Returns the head after it. Errors: corrupt, unknown_event (a later release's), conflict (rows of an
/// earlier release), io_failed, no_space.
core::Result<LedgerHead> start_ledger(Store& store, ProjectionList projections, const core::CommandContext& context,
                                      core::RandomSource& random, const Preparation& prepare = {});

/// What is said of a ledger that goes on from what was found.
using DescribeRecovery = std::function<core::Result<core::LedgerRecovered>(const LedgerHead& found)>;

/// Appends LedgerRecovered to a ledger that nobody serves, durably, after the looks of a start. Returns the head after
/// it. Errors: as start_ledger's, and those of `describe`; nothing is written then.
core::Result<LedgerHead> recover_ledger(Store& store, ProjectionList projections, const core::CommandContext& context,
                                        core::RandomSource& random, const DescribeRecovery& describe);

}  // namespace tally::events
