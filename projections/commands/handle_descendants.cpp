#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

/// The steps that follow an append which could not stop all that descends from a token.
namespace tally::projections {

Result<core::StopDescendants::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                              core::StopDescendants& command) {
  TALLY_TRY_ASSIGN(const auto stopped_before, load_ending_token(transaction, command.workspace, command.root));
  if (!stopped_before) return core::StopDescendants::Outcome{};
  std::vector<core::NewEvent> events;
  DescendantStops stops{transaction, context.at, events, core::limits::kTokensPerStepMax};
  TALLY_TRY_ASSIGN(const auto next, stops.add_below(command.workspace, command.root, command.from));
  if (!next) {
    TALLY_TRY_ASSIGN(const auto root, load_token(transaction, command.workspace, command.root));
    if (!root) return corrupt_row("ending_token");
    const auto disables = [](const core::NewEvent& event) {
      return std::holds_alternative<core::TokenDisabled>(event.payload);
    };
    const auto stopped_now = static_cast<std::uint64_t>(std::ranges::count_if(events, disables));
    events.push_back({command.workspace, core::subject_of(command.root), root->version + 1,
                      core::DescendantsDisabled{*stopped_before + stopped_now}});
  }
  TALLY_TRY(transaction.append(context, std::move(events)));
  return core::StopDescendants::Outcome{next};
}

template void CommandService::execute(CommandContext, core::StopDescendants, Done<core::StopDescendants>);

}  // namespace tally::projections
