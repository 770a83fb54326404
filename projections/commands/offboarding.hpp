#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "core/state/offboarding.hpp"
#include "events/store/store.hpp"

/// The walk over a person's tokens that letting them go takes. Threads: writer thread only.
namespace tally::projections {

/// Who goes, from where, and what becomes of their access tokens.
struct Departure {
  core::UserId user;
  core::WorkspaceId workspace;  ///< Nil: everywhere that they are a member.
  core::AccessFate access = core::AccessFate::revoke;
};

/// Adds the events of their tokens from `position` on, as many as `bounds` allow, and sums them up; `next` says where
/// to go on, but for its `since`. `at` is `now`. Errors: corrupt, io_failed.
core::Result<core::Offboarded> add_offboarding_events(const events::Reader& reader, const Departure& departure,
                                                      core::OffboardingPosition position, core::Timestamp now,
                                                      core::StopBounds bounds, std::vector<core::NewEvent>& out);

}  // namespace tally::projections
