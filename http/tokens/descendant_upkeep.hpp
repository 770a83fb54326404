#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/base/random.hpp"
#include "core/base/time.hpp"
#include "core/token/token_commands.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Stops what descends from tokens that were stopped, where one append did not reach: one step after the other, one
/// token after the other, each a command of its own, so that others' run in between. Every door holds all of them for
/// dead meanwhile. What a process that ended has left is gone on with. Source: docs/adr/0032. Threads: any.
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
  using Roots = std::vector<projections::EndingToken>;
  void begin_next(core::Timestamp now, const std::shared_ptr<Roots>& roots);
  void step(core::Timestamp now, core::StopDescendants command, const std::shared_ptr<Roots>& roots);

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  core::RandomSource& random_;
  std::atomic<bool> is_under_way_ = false;
};

}  // namespace tally::http
