#pragma once

#include <mutex>
#include <unordered_set>

#include "core/random.hpp"
#include "core/time.hpp"
#include "projections/commands.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// Stops what descends from tokens that were stopped, where one append did not reach: one step after the other, each a
/// command of its own, so that others' run in between. Every door holds all of them for dead meanwhile. What a process
/// that ended has left is gone on with. Source: docs/adr/0073. Threads: any.
class DescendantUpkeep {
 public:
  /// Lifetime: all of them outlive it, and it outlives the last answer of `commands`.
  DescendantUpkeep(projections::CommandService& commands, const projections::TokenQueries& tokens,
                   core::RandomSource& random)
      : commands_(commands), tokens_(tokens), random_(random) {}

  /// Begins with whatever is left and not under way, and does not wait for it. Whoever owns a timer calls it every few
  /// seconds. Errors: corrupt, io_failed.
  core::Result<void> go_on(core::Timestamp now);

 private:
  void step(core::Timestamp now, core::StopDescendants command);

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  core::RandomSource& random_;
  std::mutex mutex_;
  std::unordered_set<core::TokenId> under_way_;  // guarded by mutex_
};

}  // namespace tally::http
