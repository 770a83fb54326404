#include "core/workspace/workspace_decider.hpp"

#include "core/base/check.hpp"
#include "core/base/names.hpp"

namespace tally::core {
namespace {

Error no_workspace() { return fail(Errc::not_found, "no such workspace"); }

/// Whether the caller must be an admin of the workspace, or may be the operator instead.
enum class Need { admin, admin_or_operator };

Result<void> check_authority(const WorkspaceState* workspace, const CallerRights& caller, Need need) {
  if (workspace == nullptr) return no_workspace();
  if (!caller.role.has_value() && !caller.is_operator) return no_workspace();
  if (!caller.is_active) return fail(Errc::forbidden, "the caller is deactivated");
  if (caller.role == Role::admin) return {};
  if (need == Need::admin_or_operator && caller.is_operator) return {};
  return fail(Errc::forbidden, "only an admin of the workspace may do this");
}

NewEvent next_event_of(const WorkspaceState& workspace, EventPayload payload) {
  return {workspace.id, subject_of(workspace.id), workspace.version + 1, std::move(payload)};
}

/// Resource servers keep no version: they are added and removed, once each.
NewEvent event_of(WorkspaceId workspace, ResourceServerId id, EventPayload payload) {
  return {workspace, subject_of(id), 0, std::move(payload)};
}

Error last_admin() { return fail(Errc::conflict, "the workspace would be left without an admin"); }

bool is_last_admin(const WorkspaceState& workspace, const MemberState& member) {
  if (member.role != Role::admin) return false;
  TALLY_CHECK(workspace.admin_count > 0, workspace.id.str());
  return workspace.admin_count == 1;
}

/// Who is no member has no version that anybody could expect.
Result<void> check_expected(const MemberState* member, const VersionCondition& expected) {
  if (member == nullptr && expected.is_set()) return fail(Errc::precondition_failed, "the user is not a member");
  return member == nullptr ? Result<void>{} : expected.check(member->role_sequence);
}

void check_situation(const MemberSituation& situation, WorkspaceId workspace, UserId user) {
  TALLY_CHECK(situation.workspace->id == workspace);
  TALLY_CHECK(situation.person == nullptr || situation.person->id == user);
  TALLY_CHECK(situation.member == nullptr ||
              (situation.member->workspace == workspace && situation.member->user == user));
}

}  // namespace

Decision decide(const WorkspaceState* existing, const CallerRights& caller, const CommandContext&,
                const CreateWorkspace& command) {
  if (!caller.is_operator || !caller.is_active) {
    return Decision::refuse(fail(Errc::forbidden, "only the operator creates workspaces"));
  }
  auto name = normalize_name("name", command.name);
  if (name.has_error()) return Decision::refuse(name.error());
  if (existing != nullptr) return Decision::refuse(Error{Errc::already_exists, "the workspace exists", "id"});
  return {{NewEvent{command.id, subject_of(command.id), 1, WorkspaceCreated{*std::move(name), Policy{}}}},
          std::nullopt};
}

Decision decide(const WorkspaceState* workspace, const CallerRights& caller, const CommandContext&,
                const ChangePolicy& command) {
  if (auto allowed = check_authority(workspace, caller, Need::admin); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  TALLY_CHECK(workspace->id == command.workspace);
  if (auto same = command.expected.check(workspace->policy_sequence); same.has_error()) {
    return Decision::refuse(same.error());
  }
  if (auto good = check_policy(command.policy); good.has_error()) return Decision::refuse(good.error());
  if (command.policy == workspace->policy) return {};
  return {{next_event_of(*workspace, PolicyChanged{command.policy})}, std::nullopt};
}

Decision decide(const MemberSituation& situation, const CommandContext&, const PutMember& command) {
  if (auto allowed = check_authority(situation.workspace, situation.caller, Need::admin_or_operator);
      allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  check_situation(situation, command.workspace, command.user);
  if (situation.person == nullptr) return Decision::refuse(fail(Errc::not_found, "no such user"));
  const MemberState* member = situation.member;
  if (auto same = check_expected(member, command.expected); same.has_error()) return Decision::refuse(same.error());
  // A deactivated admin must not be what lets the last working one leave, nor pass for the one that a workspace lacks;
  // taking power away is always possible.
  const bool gains = member == nullptr || command.role == Role::admin;
  if (gains && situation.person->deactivated_at.has_value()) {
    return Decision::refuse(fail(Errc::conflict, "the person is deactivated: reactivate them first"));
  }
  if (member != nullptr && member->role == command.role) return {};
  if (member == nullptr) {
    if (situation.is_ending) {
      return Decision::refuse(fail(Errc::conflict, "the person's tokens here are still being stopped: try again"));
    }
    return {{next_event_of(*situation.workspace, MemberAdded{command.user, command.role})}, std::nullopt};
  }
  if (is_last_admin(*situation.workspace, *member)) return Decision::refuse(last_admin());
  return {{next_event_of(*situation.workspace, MemberRoleChanged{command.user, command.role})}, std::nullopt};
}

Decision decide(const MemberSituation& situation, const CommandContext&, const RemoveMember& command) {
  if (auto allowed = check_authority(situation.workspace, situation.caller, Need::admin_or_operator);
      allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  check_situation(situation, command.workspace, command.user);
  if (situation.member == nullptr) return Decision::refuse(fail(Errc::not_found, "no such member"));
  if (auto same = check_expected(situation.member, command.expected); same.has_error()) {
    return Decision::refuse(same.error());
  }
  auto reason = normalize_reason("reason", command.reason);
  if (reason.has_error()) return Decision::refuse(reason.error());
  return {{next_event_of(*situation.workspace, MemberRemoved{command.user, command.access, *std::move(reason)})},
          std::nullopt};
}

Decision decide(const WorkspaceState* workspace, const CallerRights& caller, ResourceTaken taken, const CommandContext&,
                const AddResourceServer& command) {
  if (auto allowed = check_authority(workspace, caller, Need::admin); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  TALLY_CHECK(workspace->id == command.workspace);
  auto name = normalize_name("name", command.name);
  if (name.has_error()) return Decision::refuse(name.error());
  if (!command.resource.empty()) {
    if (auto good = check_resource("resource", command.resource); good.has_error()) {
      return Decision::refuse(good.error());
    }
    if (taken == ResourceTaken::yes) {
      return Decision::refuse(Error{Errc::already_exists, "another resource server has this URI", "resource"});
    }
  }
  return {{event_of(workspace->id, command.id,
                    ResourceServerAdded{command.id, *std::move(name), command.secret_hash, command.resource})},
          std::nullopt};
}

Decision decide(const WorkspaceState* workspace, const ResourceServerState* existing, const CallerRights& caller,
                const CommandContext&, const RemoveResourceServer& command) {
  if (auto allowed = check_authority(workspace, caller, Need::admin); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  TALLY_CHECK(workspace->id == command.workspace);
  if (existing == nullptr || existing->workspace != command.workspace) {
    return Decision::refuse(fail(Errc::not_found, "no such resource server"));
  }
  TALLY_CHECK(existing->id == command.id);
  return {{event_of(workspace->id, command.id, ResourceServerRemoved{command.id})}, std::nullopt};
}

Decision decide(const WorkspaceState* workspace, const CallerRights& caller, const CommandContext& context,
                const DisableIssuedBefore& command) {
  if (auto allowed = check_authority(workspace, caller, Need::admin); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  TALLY_CHECK(workspace->id == command.workspace);
  // A cut-off that lies ahead would disable tokens at birth, and could never be taken back.
  if (command.time > context.at) return Decision::refuse(invalid("time", "a time in the future"));
  if (command.owner.has_value()) return {};
  if (workspace->cut_off_at.has_value() && command.time <= *workspace->cut_off_at) return {};
  return {{next_event_of(*workspace, CutOffMoved{command.time, command.access})}, std::nullopt};
}

bool may_move(const std::optional<Timestamp>& cut_off, Timestamp to, Timestamp at) {
  return !cut_off.has_value() || *cut_off < to || *cut_off > at;
}

std::optional<NewEvent> cut_off_taken_back(const WorkspaceState& workspace, Timestamp now) {
  if (!workspace.cut_off_at.has_value() || *workspace.cut_off_at <= now) return std::nullopt;
  // Of what ends access tokens at once only as much is taken back as lies ahead, too.
  const bool is_access_ahead = workspace.access_cut_off_at.has_value() && *workspace.access_cut_off_at > now;
  return next_event_of(workspace, CutOffMoved{now, is_access_ahead ? AccessFate::revoke : AccessFate::keep});
}

}  // namespace tally::core
