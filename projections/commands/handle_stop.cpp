#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/base/names.hpp"
#include "core/token/cut_off_rule.hpp"
#include "core/token/token_decider.hpp"
#include "core/workspace/workspace_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/cut_off.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/pointer_to.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

/// Stopping one or many tokens.
namespace tally::projections {

using core::NewEvent;
using core::TokenId;
using core::TokenState;
using core::WorkspaceId;
using core::WorkspaceState;
using events::Family;

namespace {

using DecideStop = core::StopDecision (*)(const core::StopSituation&, const core::CommandContext&, core::AccessFate,
                                          const std::string&);

/// Decides each id in its turn and appends everything at once: all of it happens, or nothing.
template <class Command>
Result<typename Command::Outcome> stop_each(Transaction& transaction, const core::CommandContext& context,
                                            Command& command, DecideStop decide_stop) {
  if (command.ids.empty() || command.ids.size() > core::limits::kIdsPerBulkCallMax) {
    return core::invalid("ids", "1 to " + std::to_string(core::limits::kIdsPerBulkCallMax) + " ids are allowed, not " +
                                    std::to_string(command.ids.size()));
  }
  TALLY_TRY_ASSIGN(const std::string reason, core::normalize_reason("reason", command.reason));
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  typename Command::Outcome outcome;
  std::vector<NewEvent> events;
  std::unordered_map<TokenId, std::optional<TokenState>> tokens;
  const auto situation_of = [&](const std::optional<TokenState>& token) {
    return core::StopSituation{pointer_to(token), pointer_to(workspace), caller};
  };
  std::vector<core::BulkResult*> repeated;
  outcome.results.reserve(command.ids.size());
  for (const TokenId id : command.ids) {
    const auto [entry, is_new] = tokens.try_emplace(id);
    core::BulkResult& result = outcome.results.emplace_back(core::BulkResult{id, {}});
    if (!is_new) {
      repeated.push_back(&result);
      continue;
    }
    std::optional<TokenState>& token = entry->second;
    if (workspace) {
      TALLY_TRY_ASSIGN(token, load_token(transaction, command.workspace, id));
    }
    TALLY_TRY(core::check_expected(situation_of(token), command.expected));
    auto decided = decide_stop(situation_of(token), context, command.access, reason);
    result.outcome = decided.outcome;
    if (decided.event) events.push_back(*std::move(decided.event));
  }
  const std::size_t decided_events = events.size();
  TALLY_TRY(add_descendants(transaction, context.at, events));
  TALLY_TRY_ASSIGN(const auto appended, transaction.append(context, std::move(events)));
  for (const core::Event& event : std::span{appended}.first(decided_events)) {
    std::optional<TokenState>& token = tokens.at(TokenId{event.subject.id});
    token = core::evolve(std::move(token), event);
  }
  // The second time an id comes, its token is stopped.
  for (core::BulkResult* result : repeated) {
    const auto decided = decide_stop(situation_of(tokens.at(result->id)), context, command.access, reason);
    TALLY_CHECK(!decided.event);
    result->outcome = decided.outcome;
  }
  if (command.ids.size() == 1) outcome.token = std::move(tokens.begin()->second);
  return outcome;
}

/// Adds the event of one token and what goes with it. False: it does not fit any more, and nothing was added. What
/// would not even fit alone is begun, and says that more are to come.
Result<bool> add_with_descendants(NewEvent event, std::vector<NewEvent>& events, std::size_t first,
                                  std::size_t events_max, DescendantStops& stops) {
  const std::size_t at = events.size();
  if (at == events_max) return false;
  const TokenId token{event.subject.id};
  const WorkspaceId workspace = *event.workspace;
  const bool ends_access = core::ends_access(event.payload);
  events.push_back(std::move(event));
  stops.pass(token);
  if (!ends_access) return true;
  TALLY_TRY_ASSIGN(const auto left, stops.add_below(workspace, token));
  if (!left) return true;
  if (at == first) {
    mark_more_descendants(events[at].payload);
    return true;
  }
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(at), events.end());
  return false;
}

/// Adds the events of one call, and says how far it came. Errors: corrupt, io_failed.
Result<core::DisableIssuedBefore::Outcome> add_cut_off_events(
    const events::Reader& reader, const WorkspaceState& workspace, const core::CallerRights& caller,
    const core::CommandContext& context, const core::DisableIssuedBefore& command, std::vector<NewEvent>& events) {
  core::DisableIssuedBefore::Outcome outcome;
  const std::size_t events_max = events.size() + command.bounds.events;
  std::size_t rows_left = command.bounds.rows;
  const std::size_t first = events.size();
  DescendantStops stops{reader, context.at, events, events_max};
  const auto cursor = reader.scan(cut_off_family(command), cut_off_range(command));
  for (; cursor->valid(); cursor->next()) {
    outcome.more = rows_left-- == 0;
    if (outcome.more) break;
    TALLY_TRY_ASSIGN(const TokenState token, cut_off_token_at(reader, *cursor, command));
    auto event =
        stops.has_passed(token.id) ? std::nullopt : core::cut_off_event(token, workspace, caller, context, command);
    if (event) {
      TALLY_TRY_ASSIGN(const bool fits, add_with_descendants(*std::move(event), events, first, events_max, stops));
      outcome.more = !fits;
      if (outcome.more) break;
    }
    outcome.last_seen = token.id;
  }
  TALLY_TRY(cursor->status());
  const auto disables = [](const NewEvent& each) { return std::holds_alternative<core::TokenDisabled>(each.payload); };
  const auto from = events.begin() + static_cast<std::ptrdiff_t>(first);
  outcome.count = static_cast<std::uint64_t>(std::count_if(from, events.end(), disables));
  return outcome;
}

}  // namespace

Result<core::DisableTokens::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                            core::DisableTokens& command) {
  return stop_each(transaction, context, command, core::decide_disable);
}

Result<core::DeleteTokens::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::DeleteTokens& command) {
  return stop_each(transaction, context, command, core::decide_delete);
}

Result<core::DisableIssuedBefore::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                  core::DisableIssuedBefore& command) {
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  auto decision = core::decide(workspace ? &*workspace : nullptr, caller, context, command);
  if (decision.refusal) return std::move(*decision.refusal);

  TALLY_TRY_ASSIGN(const auto outcome,
                   add_cut_off_events(transaction, *workspace, caller, context, command, decision.events));
  TALLY_TRY(transaction.append(context, std::move(decision.events)));
  return outcome;
}

template void CommandService::execute(CommandContext, core::DisableTokens, Done<core::DisableTokens>);
template void CommandService::execute(CommandContext, Remembered<core::DisableTokens>,
                                      Done<Remembered<core::DisableTokens>>);
template void CommandService::execute(CommandContext, core::DeleteTokens, Done<core::DeleteTokens>);
template void CommandService::execute(CommandContext, Remembered<core::DeleteTokens>,
                                      Done<Remembered<core::DeleteTokens>>);
template void CommandService::execute(CommandContext, core::DisableIssuedBefore, Done<core::DisableIssuedBefore>);

}  // namespace tally::projections
