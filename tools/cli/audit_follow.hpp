#pragma once

#include <functional>
#include <string>

#include <boost/json/array.hpp>

#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// Takes events that arrived together, in order; false: nobody reads on.
using TakeEvents = std::function<bool(const boost::json::array& events)>;

/// What `tally audit --follow` asks for.
struct Followed {
  std::string target;  ///< Of the stream, with its filters.
  std::string after;   ///< A sequence number; empty: as the target says.
};

/// Gives every event of the stream to `take`, until that says no. Where the stream ends, or the server is away for a
/// while, it goes on after the last event that was told, and says on standard error what it waits for: after 1, 2, 4, …
/// up to kPauseMax seconds, kTriesMax times at the most without an answer. Opening the stream is an event of the
/// ledger, and the server ends each after a quarter of an hour. Errors: unreachable (in the end), not_allowed, refused,
/// damaged (no stream of events).
Attempt<void> follow_events(Context& context, const Followed& followed, const TakeEvents& take);

}  // namespace tally::tools
