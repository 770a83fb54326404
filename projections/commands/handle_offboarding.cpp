#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "core/identity/person_decider.hpp"
#include "core/workspace/workspace_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/commands/offboarding.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/pointer_to.hpp"
#include "projections/rows/row_codec.hpp"

/// People who go, and what goes with them: in the append that lets them go, and in the steps after it.
namespace tally::projections {

using core::NewEvent;
using core::WorkspaceId;
using events::Family;

namespace {

/// Erases the person's sessions; how many had not ended. As many as somebody signed in within kSessionLifetime, which
/// the limits of signing in bound.
Result<std::uint64_t> end_sessions(Transaction& transaction, core::UserId user, core::Timestamp now) {
  struct Found {
    std::string key;
    bool is_live = false;
  };
  std::vector<Found> found;
  const auto cursor = transaction.scan(Family::session_by_user, events::prefix_range(key_of(user)));
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 48) return corrupt_row("session_by_user");
    TALLY_TRY_ASSIGN(const core::Timestamp expires_at, decode_session_by_user(cursor->value()));
    found.push_back(
        {std::string{cursor->key()}, core::is_within_life(expires_at, core::limits::kSessionLifetime, now)});
  }
  TALLY_TRY(cursor->status());
  for (const Found& session : found) {
    transaction.erase(Family::session, std::string_view{session.key}.substr(16));
    transaction.erase(Family::session_by_user, session.key);
  }
  return static_cast<std::uint64_t>(std::ranges::count_if(found, &Found::is_live));
}

/// The events of the tokens behind the one that lets their owner go; `Payload` says there whether there are more.
template <class Payload>
Result<core::Offboarded> add_first_events(const Transaction& transaction, const Departure& departure,
                                          core::Timestamp now, core::StopBounds bounds, std::vector<NewEvent>& events) {
  TALLY_TRY_ASSIGN(core::Offboarded sum, add_offboarding_events(transaction, departure, {}, now, bounds, events));
  if (sum.next) sum.next->since = transaction.next_sequence();
  std::get<Payload>(events.front().payload).has_more_tokens = sum.next.has_value();
  return sum;
}

/// Of a person who was gone before nothing is left to do, but what is under way. Nothing was issued since they went.
core::Offboarded gone_before(const core::PersonState& person, core::Timestamp now, const core::Ending* ending) {
  core::Offboarded sum;
  sum.at = now;
  sum.access_expires_at = *person.deactivated_at + std::chrono::seconds{core::limits::kAccessTokenSecondsMax};
  if (ending != nullptr && ending->part_of({}) != nullptr) sum.next = core::OffboardingPosition{};
  return sum;
}

}  // namespace

Result<core::DeactivateUser::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                             core::DeactivateUser& command) {
  TALLY_TRY_ASSIGN(auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const auto ending, load_ending(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto others, other_break_glass(transaction, command.user));
  auto decision = core::decide(pointer_to(person), caller, others, context, command);
  core::DeactivateUser::Outcome outcome;
  if (!decision.refusal && decision.events.empty()) {
    outcome.tokens = gone_before(*person, context.at, pointer_to(ending));
  } else if (!decision.refusal) {
    const Departure departure{command.user, {}, command.access};
    TALLY_TRY_ASSIGN(outcome.tokens, add_first_events<core::UserDeactivated>(transaction, departure, context.at,
                                                                             command.bounds, decision.events));
    TALLY_TRY_ASSIGN(outcome.sessions_ended, end_sessions(transaction, command.user, context.at));
  }
  TALLY_TRY_ASSIGN(const auto events, record_alone(transaction, context, std::move(decision)));
  if (!events.empty()) person = core::evolve(std::move(person), events.front());
  outcome.person = *std::move(person);
  return outcome;
}

Result<core::RemoveMember::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::RemoveMember& command) {
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto member, load_member(transaction, command.workspace, command.user));
  core::MemberSituation situation{pointer_to(workspace), pointer_to(person), pointer_to(member), {}};
  TALLY_TRY_ASSIGN(situation.caller, load_caller_rights(transaction, context, command.workspace));
  auto decision = core::decide(situation, context, command);
  core::RemoveMember::Outcome outcome;
  if (!decision.refusal) {
    const Departure departure{command.user, command.workspace, command.access};
    TALLY_TRY_ASSIGN(outcome.tokens, add_first_events<core::MemberRemoved>(transaction, departure, context.at,
                                                                           command.bounds, decision.events));
    outcome.role = member->role;
  }
  TALLY_TRY(record_alone(transaction, context, std::move(decision)));
  return outcome;
}

Result<core::Offboarded> handle(Transaction& transaction, const CommandContext& context,
                                core::ContinueOffboarding& command) {
  core::Offboarded nothing;
  nothing.at = context.at;
  TALLY_TRY_ASSIGN(const auto ending, load_ending(transaction, command.user));
  const core::Ending::Part* part = ending ? ending->part_of(command.workspace) : nullptr;
  if (part == nullptr) return nothing;
  const bool goes_on = part->since == command.position.since;
  std::vector<NewEvent> events;
  TALLY_TRY_ASSIGN(core::Offboarded sum,
                   add_offboarding_events(transaction, {command.user, part->workspace, part->access},
                                          goes_on ? command.position : core::OffboardingPosition{}, context.at,
                                          command.bounds, events));
  if (sum.next) {
    sum.next->since = part->since;
  } else {
    const auto workspace = part->workspace.is_nil() ? std::nullopt : std::optional{part->workspace};
    const core::OffboardingCompleted completed{part->tokens_disabled + sum.tokens_disabled,
                                               part->access_revoked + sum.access_revoked};
    events.push_back({workspace, core::subject_of(command.user), 0, completed});
  }
  TALLY_TRY(transaction.append(context, std::move(events)));
  return sum;
}

template void CommandService::execute(CommandContext, core::DeactivateUser, Done<core::DeactivateUser>);
template void CommandService::execute(CommandContext, core::RemoveMember, Done<core::RemoveMember>);
template void CommandService::execute(CommandContext, core::ContinueOffboarding, Done<core::ContinueOffboarding>);

}  // namespace tally::projections
