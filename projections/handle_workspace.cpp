#include <utility>

#include "core/workspace/workspace_decider.hpp"
#include "projections/commands.hpp"
#include "projections/handling.hpp"
#include "projections/rows/load.hpp"

/// Workspaces, their policy, members and resource servers.
namespace tally::projections {

using core::MemberState;
using core::PersonState;
using core::WorkspaceState;

namespace {

template <class Value>
const Value* pointer_to(const std::optional<Value>& value) {
  return value ? &*value : nullptr;
}

struct LoadedMember {
  std::optional<WorkspaceState> workspace;
  std::optional<PersonState> person;
  std::optional<MemberState> member;
  core::Standing caller;

  [[nodiscard]] core::MemberSituation situation() const {
    return {pointer_to(workspace), pointer_to(person), pointer_to(member), caller};
  }
};

Result<LoadedMember> load_situation(const events::Reader& reader, const core::CommandContext& context,
                                    core::WorkspaceId workspace, core::UserId user) {
  LoadedMember loaded;
  TALLY_TRY_ASSIGN(loaded.workspace, load_workspace(reader, workspace));
  TALLY_TRY_ASSIGN(loaded.person, load_person(reader, user));
  TALLY_TRY_ASSIGN(loaded.member, load_member(reader, workspace, user));
  TALLY_TRY_ASSIGN(loaded.caller, load_standing(reader, context, workspace));
  return loaded;
}

}  // namespace

Result<core::CreateWorkspace::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                              core::CreateWorkspace& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(const auto existing, load_workspace(transaction, command.id));
  TALLY_TRY_ASSIGN(const auto caller, load_standing(transaction, context, command.id));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(existing), caller, context, command)));
  return core::CreateWorkspace::Outcome{
      core::evolve(std::optional<WorkspaceState>{}, std::optional<core::Role>{}, events.front())};
}

Result<core::ChangePolicy::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                           core::ChangePolicy& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_standing(transaction, context, command.workspace));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(workspace), caller, context, command)));
  for (const core::Event& event : events)
    workspace = core::evolve(std::move(workspace), std::optional<core::Role>{}, event);
  return core::ChangePolicy::Outcome{std::move(*workspace)};
}

Result<core::PutMember::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                        core::PutMember& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(auto loaded, load_situation(transaction, context, command.workspace, command.user));
  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, core::decide(loaded.situation(), context, command)));
  const bool added = !loaded.member.has_value();
  for (const core::Event& event : events) loaded.member = core::evolve(std::move(loaded.member), event);
  return core::PutMember::Outcome{*loaded.member, added};
}

Result<core::RemoveMember::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                           core::RemoveMember& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(const auto loaded, load_situation(transaction, context, command.workspace, command.user));
  auto decision = core::decide(loaded.situation(), context, command);
  const std::size_t own_events = decision.events.size();
  if (!decision.refusal) {
    TALLY_TRY(add_stops_of_owner(transaction, command.workspace, command.user, context.now(),
                                 core::DisableCause::offboarding, decision.events));
  }
  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, std::move(decision)));
  return core::RemoveMember::Outcome{events.size() - own_events};
}

Result<core::AddResourceServer::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                                core::AddResourceServer& command) {
  const TimedContext context{transaction, given};
  core::ResourceTaken taken = core::ResourceTaken::no;
  if (!command.resource.empty()) {
    TALLY_TRY_ASSIGN(const auto home, load_resource_home(transaction, command.resource));
    if (home) taken = core::ResourceTaken::yes;
  }
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_standing(transaction, context, command.workspace));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(workspace), caller, taken, context, command)));
  return core::AddResourceServer::Outcome{core::resource_server_of(events.front())};
}

Result<core::RemoveResourceServer::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                                   core::RemoveResourceServer& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto existing, load_resource_server(transaction, command.workspace, command.id));
  TALLY_TRY_ASSIGN(const auto caller, load_standing(transaction, context, command.workspace));
  TALLY_TRY(record(transaction, context,
                   core::decide(pointer_to(workspace), pointer_to(existing), caller, context, command)));
  return core::RemoveResourceServer::Outcome{};
}

}  // namespace tally::projections
