#pragma once

#include <functional>
#include <optional>

#include "core/base/result.hpp"
#include "core/state/context.hpp"

namespace tally::events {
class Sequencer;
}

/// The way in for every change: a command becomes a unit of the writer's work. See docs/adr/0002.
namespace tally::projections {

/// What a command answers once it is durable.
template <class Outcome>
struct Committed {
  Outcome outcome;
  std::optional<core::Sequence> sequence;  ///< Of its last event; empty if it recorded nothing.
};

template <class Command>
using Answer = core::Result<Committed<typename Command::Outcome>>;

/// Takes the answer. Must be quick and must not throw.
template <class Command>
using Done = std::function<void(Answer<Command>)>;

/// Threads: any.
class CommandService {
 public:
  /// Lifetime: the sequencer outlives it.
  explicit CommandService(events::Sequencer& sequencer) : sequencer_(sequencer) {}

  /// Calls `done` exactly once: on the writer thread after the command is durable or refused, or on this thread at once
  /// if it was not accepted (overloaded, stopping, outcome_unknown). The file that handles a command also instantiates
  /// this for it (command_work.hpp), so that nobody who gives one compiles what the writer does.
  template <class Command>
  void execute(core::CommandContext context, Command command, Done<Command> done);

 private:
  events::Sequencer& sequencer_;
};

}  // namespace tally::projections
