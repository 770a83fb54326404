#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "events/ledger/sequencer.hpp"
#include "events/ledger/transaction.hpp"
#include "projections/commands/commands.hpp"
#include "projections/commands/handle_remembered.hpp"

/// For the files that handle commands, and for nobody else: they instantiate CommandService::execute().
namespace tally::projections {

/// One command as the writer sees it.
template <class Command>
class CommandWork final : public events::Work {
 public:
  CommandWork(core::CommandContext context, Command command, Done<Command> done)
      : context_(std::move(context)), command_(std::move(command)), done_(std::move(done)) {}

  [[nodiscard]] core::Timestamp reading() const override { return context_.at; }
  [[nodiscard]] core::Uuid lane() const override { return lane_of(command_, context_); }

  void run(events::Transaction& transaction) override {
    const auto size_before = transaction.next_sequence();
    outcome_.emplace(handle_if_allowed(transaction));
    // A refusal may come with events, trouble of ours may not: half of a command is none.
    if (outcome_->has_error() && core::is_our_fault(outcome_->error().code)) transaction.fail(outcome_->error());
    if (transaction.next_sequence() > size_before) sequence_ = transaction.last_sequence();
  }

  void finish(const core::Result<void>& durable) noexcept override {
    if (durable.has_error()) {
      done_(Answer<Command>{durable.error()});
    } else if (outcome_->has_error()) {
      done_(Answer<Command>{outcome_->error()});
    } else {
      done_(Answer<Command>{Committed<typename Command::Outcome>{std::move(**outcome_), sequence_}});
    }
  }

 private:
  core::Result<typename Command::Outcome> handle_if_allowed(events::Transaction& transaction) {
    TALLY_TRY(check_actor(transaction, context_, effect_of(command_, context_)));
    return handle(transaction, context_, command_);
  }

  core::CommandContext context_;
  Command command_;
  Done<Command> done_;
  std::optional<core::Result<typename Command::Outcome>> outcome_;
  std::optional<core::Sequence> sequence_;
};

template <class Command>
void CommandService::execute(core::CommandContext context, Command command, Done<Command> done) {
  std::unique_ptr<events::Work> unit =
      std::make_unique<CommandWork<Command>>(std::move(context), std::move(command), std::move(done));
  // submit() moves from `unit` only if it accepts it.
  if (auto accepted = sequencer_.submit(unit); accepted.has_error()) unit->finish(accepted);
}

}  // namespace tally::projections
