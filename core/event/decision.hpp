#pragma once

#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"

namespace tally::core {

/// What a decider says: events to record, and, perhaps, a refusal for the caller. Both at once is possible: a reused
/// secret is recorded and refused. No events and no refusal is an accepted command that changes nothing (disabling what
/// is disabled).
struct Decision {
  std::vector<NewEvent> events;
  std::optional<Error> refusal;

  static Decision refuse(Error error) { return {{}, std::move(error)}; }
};

}  // namespace tally::core
