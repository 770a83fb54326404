#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/event/event.hpp"

namespace tally::projections {

/// An event of the log that can not follow what its rows say, `what` among them: bytes on a disk are wrong.
/// Errc::corrupt.
inline core::Error misfit(const core::Event& event, const char* what) {
  return core::fail(core::Errc::corrupt, "event " + std::to_string(event.sequence.value) + " does not fit its " + what);
}

}  // namespace tally::projections
