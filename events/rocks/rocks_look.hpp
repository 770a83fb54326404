#pragma once

#include "core/base/result.hpp"
#include "events/rocks/rocks_store.hpp"

namespace tally::events {

/// Asks `options.admit` about the ledger in `options.folder` while nothing of it is opened to be written: a refusal
/// leaves every file as it is. Nothing is said where there is no ledger, or one whose meta can not be read: whoever
/// opens it says why. Errors: those of `admit`, locked.
core::Result<void> look_before_open(const RocksOptions& options);

}  // namespace tally::events
