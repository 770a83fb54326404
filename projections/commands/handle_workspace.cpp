#include <utility>

#include "core/workspace/workspace_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/pointer_to.hpp"

/// Workspaces, their policy, members and resource servers.
namespace tally::projections {

using core::WorkspaceState;

Result<core::CreateWorkspace::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                              core::CreateWorkspace& command) {
  TALLY_TRY_ASSIGN(const auto existing, load_workspace(transaction, command.id));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.id));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(existing), caller, context, command)));
  return core::CreateWorkspace::Outcome{
      core::evolve(std::optional<WorkspaceState>{}, std::optional<core::Role>{}, events.front())};
}

Result<core::ChangePolicy::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::ChangePolicy& command) {
  TALLY_TRY_ASSIGN(auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(workspace), caller, context, command)));
  for (const core::Event& event : events)
    workspace = core::evolve(std::move(workspace), std::optional<core::Role>{}, event);
  return core::ChangePolicy::Outcome{std::move(*workspace)};
}

Result<core::PutMember::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                        core::PutMember& command) {
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(auto member, load_member(transaction, command.workspace, command.user));
  core::MemberSituation situation{pointer_to(workspace), pointer_to(person), pointer_to(member), {}};
  TALLY_TRY_ASSIGN(situation.caller, load_caller_rights(transaction, context, command.workspace));
  TALLY_TRY_ASSIGN(const auto ending, load_ending(transaction, command.user));
  situation.is_ending = ending && ending->covers(command.workspace);
  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, core::decide(situation, context, command)));
  const bool added = !member.has_value();
  for (const core::Event& event : events) member = core::evolve(std::move(member), event);
  return core::PutMember::Outcome{*member, added};
}

Result<core::AddResourceServer::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                core::AddResourceServer& command) {
  core::ResourceTaken taken = core::ResourceTaken::no;
  if (!command.resource.empty()) {
    TALLY_TRY_ASSIGN(const auto home, load_resource_home(transaction, command.resource));
    if (home) taken = core::ResourceTaken::yes;
  }
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(workspace), caller, taken, context, command)));
  return core::AddResourceServer::Outcome{core::resource_server_of(events.front())};
}

Result<core::RemoveResourceServer::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                   core::RemoveResourceServer& command) {
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto existing, load_resource_server(transaction, command.workspace, command.id));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  TALLY_TRY(record(transaction, context,
                   core::decide(pointer_to(workspace), pointer_to(existing), caller, context, command)));
  return core::RemoveResourceServer::Outcome{};
}

template void CommandService::execute(CommandContext, core::CreateWorkspace, Done<core::CreateWorkspace>);
template void CommandService::execute(CommandContext, Remembered<core::CreateWorkspace>,
                                      Done<Remembered<core::CreateWorkspace>>);
template void CommandService::execute(CommandContext, core::ChangePolicy, Done<core::ChangePolicy>);
template void CommandService::execute(CommandContext, core::PutMember, Done<core::PutMember>);
template void CommandService::execute(CommandContext, core::AddResourceServer, Done<core::AddResourceServer>);
template void CommandService::execute(CommandContext, Remembered<core::AddResourceServer>,
                                      Done<Remembered<core::AddResourceServer>>);
template void CommandService::execute(CommandContext, core::RemoveResourceServer, Done<core::RemoveResourceServer>);

}  // namespace tally::projections
