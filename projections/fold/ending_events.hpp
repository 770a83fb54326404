#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "core/state/offboarding.hpp"
#include "events/store/store.hpp"

/// The rows of the family `ending`: from the event that has more tokens to stop than its append did, until the one that
/// says that all are stopped. `buffer` is scratch. Errors: corrupt (rows that do not fit the event), io_failed.
namespace tally::projections {

/// An event that lets somebody go, or says that all is done; any other changes nothing.
core::Result<void> enter_ending(const core::Event& event, events::Rows& rows, std::string& buffer);

/// An event of a token of `owner`: counted, if it is one of those that are still to come.
core::Result<void> count_ended(const core::Event& event, core::UserId owner, events::Rows& rows, std::string& buffer);

}  // namespace tally::projections
