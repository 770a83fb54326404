#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/store/store.hpp"

/// Opaque access tokens: found by their hash as long as they live. Source: docs/adr/0024.
namespace tally::projections {

/// Enters the access token that `event` has issued, if it is an opaque one, and drops at most two older ones of the
/// same token that had expired by then, oldest first: what is kept of a token is what is alive, and a little more.
/// `buffer` is reused. Errors: corrupt, io_failed.
core::Result<void> enter_opaque_access(const core::Event& event, events::Rows& rows, std::string& buffer);

}  // namespace tally::projections
