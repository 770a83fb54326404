#pragma once

#include <optional>

#include "core/event/decision.hpp"
#include "core/state/caller_rights.hpp"
#include "core/state/context.hpp"
#include "core/state/person.hpp"
#include "core/state/workspace.hpp"
#include "core/workspace/workspace_commands.hpp"

/// The rules of workspaces, members and resource servers. Pure.
namespace tally::core {

/// Errors: forbidden (not the operator), invalid_argument(name), already_exists (the id).
Decision decide(const WorkspaceState* existing, const CallerRights& caller, const CommandContext& context,
                const CreateWorkspace& command);

/// Errors: not_found (workspace, or caller is no member of it and no operator), forbidden (not an admin),
/// precondition_failed, invalid_argument. An unchanged policy yields no event.
Decision decide(const WorkspaceState* workspace, const CallerRights& caller, const CommandContext& context,
                const ChangePolicy& command);

struct MemberSituation {
  const WorkspaceState* workspace = nullptr;
  const PersonState* person = nullptr;  ///< Whom it is about; null: no such user.
  const MemberState* member = nullptr;  ///< Null: not a member yet.
  CallerRights caller;
  bool is_ending = false;  ///< The person was removed, and some of their tokens here are not stopped yet.
};
/// Admins and the operator. Errors: not_found, forbidden, precondition_failed, conflict (the last admin would be none,
/// or a person would come who is deactivated or still going).
Decision decide(const MemberSituation& situation, const CommandContext& context, const PutMember& command);
/// The last admin may go: an operator appoints another. The tokens' events are added by the command's handler, which
/// also says whether there are more. Errors: not_found, forbidden, precondition_failed, invalid_argument (reason).
Decision decide(const MemberSituation& situation, const CommandContext& context, const RemoveMember& command);

/// Whether a workspace's cut-off may move so at a time: forward; or back, if it lies after that time, because a clock
/// was ahead when it was set.
bool may_move(const std::optional<Timestamp>& cut_off, Timestamp to, Timestamp at);
/// The event that takes a cut-off of the future back to `now`, which is right: it can not touch what comes; nothing if
/// there is none.
std::optional<NewEvent> cut_off_taken_back(const WorkspaceState& workspace, Timestamp now);

/// Whether a resource server of any workspace has the command's resource.
enum class ResourceTaken : std::uint8_t { no, yes };
/// Errors: not_found, forbidden (not an admin), invalid_argument(name, resource), already_exists(resource).
Decision decide(const WorkspaceState* workspace, const CallerRights& caller, ResourceTaken taken,
                const CommandContext& context, const AddResourceServer& command);
/// `existing` null: not_found.
Decision decide(const WorkspaceState* workspace, const ResourceServerState* existing, const CallerRights& caller,
                const CommandContext& context, const RemoveResourceServer& command);

/// Errors as ChangePolicy; the cut-off only moves forward: an earlier one yields no CutOffMoved.
Decision decide(const WorkspaceState* workspace, const CallerRights& caller, const CommandContext& context,
                const DisableIssuedBefore& command);

/// The workspace after an event of its own (WorkspaceCreated, PolicyChanged, Member*, CutOffMoved). `role_before` is
/// the role that the event's member had, for the count of admins.
WorkspaceState evolve(std::optional<WorkspaceState> before, std::optional<Role> role_before, const Event& event);
/// The member after MemberAdded or MemberRoleChanged.
MemberState evolve(std::optional<MemberState> before, const Event& event);
/// The resource server after ResourceServerAdded.
ResourceServerState resource_server_of(const Event& event);

}  // namespace tally::core
