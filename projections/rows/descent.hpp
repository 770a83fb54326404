#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/event/decision.hpp"
#include "core/event/event.hpp"
#include "core/state/context.hpp"
#include "core/token/token_decider.hpp"
#include "events/store/store.hpp"

/// Tokens that tokens generated: what stands above one, and what goes with one that is stopped with its access tokens.
/// Errors: corrupt, io_failed.
namespace tally::projections {

/// Where a token stands among those that generated one another.
struct Descent {
  int depth = 0;          ///< So many tokens are above it.
  bool is_ended = false;  ///< One of these was stopped with its access tokens: nothing that descends from it lives.
};
/// Reads nothing for a token that a person generated, else a row for each that is above it, up to kTokenDepthMax.
core::Result<Descent> load_descent(const events::Reader& reader, const core::TokenState& token,
                                   const core::WorkspaceState& workspace);

/// Collects the events that stop what descends from tokens whose access tokens end. The deepest come first: whatever is
/// not stopped yet can still be reached from above. So each row that is looked at gives an event, but for the few on
/// the way down; tokens that have expired are not looked at.
class DescendantStops {
 public:
  /// As long as `events` has fewer than `events_max`. Lifetime: both outlive it.
  DescendantStops(const events::Reader& reader, core::Timestamp now, std::vector<core::NewEvent>& events,
                  std::size_t events_max)
      : reader_(reader), now_(now), events_(events), events_max_(events_max) {}

  /// Has an event already: is not stopped again.
  void pass(core::TokenId token) { passed_.insert(token); }
  [[nodiscard]] bool has_passed(core::TokenId token) const { return passed_.contains(token); }

  /// Empty: that were all. Else more of them than have fitted; those of the root's own children that end earlier are
  /// done, and need not be looked for again (`from`).
  core::Result<std::optional<core::Timestamp>> add_below(core::WorkspaceId workspace, core::TokenId root,
                                                         core::Timestamp from = {});

 private:
  struct Step {
    core::TokenState token;  ///< Of the root only its id.
    std::unique_ptr<events::Cursor> children;
  };
  [[nodiscard]] Step step_to(core::TokenState token, core::Timestamp from = {}) const;
  [[nodiscard]] core::Result<std::optional<core::TokenState>> next_child(Step& step) const;

  const events::Reader& reader_;
  const core::Timestamp now_;
  std::vector<core::NewEvent>& events_;
  const std::size_t events_max_;
  std::unordered_set<core::TokenId> passed_;
};

/// Adds what goes with each of `events` that ends a token's access tokens, up to kTokensPerAppendMax events in all.
/// Where that does not reach, the event says that more are to come.
core::Result<void> add_descendants(const events::Reader& reader, core::Timestamp now,
                                   std::vector<core::NewEvent>& events);

/// Keeps what is left to be stopped in `ending_token`: a row from the event that says so to the one that says it is
/// done. Of a token's event, with the token after it.
core::Result<void> note_descendants(const core::Event& event, const core::TokenState& token, events::Rows& rows);

/// Says so in an event that ends a token's access tokens.
void mark_more_descendants(core::EventPayload& payload);

}  // namespace tally::projections
