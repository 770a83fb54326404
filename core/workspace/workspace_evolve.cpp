#include "core/base/check.hpp"
#include "core/event/event_ranges.hpp"
#include "core/workspace/workspace_decider.hpp"

namespace tally::core {
namespace {

/// One overload per event type of a workspace; any other type is none of ours.
struct Apply {
  WorkspaceState& workspace;
  std::optional<Role> role_before;
  const Event& event;

  void operator()(const WorkspaceCreated& created) const {
    TALLY_CHECK(workspace.version == 0, workspace.id.str());
    workspace.name = created.name;
    workspace.created_at = event.recorded_at;
    set_policy(created.policy);
  }
  void operator()(const PolicyChanged& changed) const { set_policy(changed.policy); }
  void operator()(const MemberAdded& added) const {
    TALLY_CHECK(!role_before.has_value(), added.user.str());
    if (added.role == Role::admin) ++workspace.admin_count;
  }
  void operator()(const MemberRoleChanged& changed) const {
    TALLY_CHECK(role_before.has_value() && *role_before != changed.role, changed.user.str());
    if (*role_before == Role::admin) drop_admin();
    if (changed.role == Role::admin) ++workspace.admin_count;
  }
  void operator()(const MemberRemoved& removed) const {
    TALLY_CHECK(role_before.has_value(), removed.user.str());
    if (*role_before == Role::admin) drop_admin();
  }
  void operator()(const CutOffMoved& moved) const {
    TALLY_CHECK(may_move(workspace.cut_off_at, moved.issued_before, event.recorded_at), workspace.id.str());
    workspace.cut_off_at = moved.issued_before;
    if (moved.access == AccessFate::revoke) workspace.access_cut_off_at = moved.issued_before;
  }
  void operator()(const ResourceServerAdded&) const { misplaced(); }
  void operator()(const ResourceServerRemoved&) const { misplaced(); }
  /// A kind of event that is one has an overload of its own, or it does not compile.
  template <class Other>
    requires(!is_of_workspace(Other::kType))
  void operator()(const Other&) const {
    misplaced();
  }

 private:
  [[noreturn]] void misplaced() const {
    check_failed("an event of a workspace", __FILE__, __LINE__, name_of(type_of(event.payload)));
  }
  void set_policy(const Policy& policy) const {
    workspace.policy = policy;
    workspace.policy_sequence = event.sequence.value;
  }
  void drop_admin() const {
    TALLY_CHECK(workspace.admin_count > 0, workspace.id.str());
    --workspace.admin_count;
  }
};

}  // namespace

WorkspaceState evolve(std::optional<WorkspaceState> before, std::optional<Role> role_before, const Event& event) {
  TALLY_CHECK(event.subject.kind == SubjectKind::workspace);
  const bool creates = std::holds_alternative<WorkspaceCreated>(event.payload);
  TALLY_CHECK(creates != before.has_value(), WorkspaceId{event.subject.id}.str());
  WorkspaceState workspace;
  if (before.has_value()) {
    workspace = *std::move(before);
  } else {
    workspace.id = WorkspaceId{event.subject.id};
  }
  TALLY_CHECK(workspace.id.uuid() == event.subject.id && event.workspace == workspace.id);
  std::visit(Apply{workspace, role_before, event}, event.payload);
  ++workspace.version;
  TALLY_CHECK(workspace.version == event.subject_version, workspace.id.str());
  return workspace;
}

MemberState evolve(std::optional<MemberState> before, const Event& event) {
  TALLY_CHECK(event.workspace.has_value());
  if (const auto* added = std::get_if<MemberAdded>(&event.payload)) {
    TALLY_CHECK(!before.has_value(), added->user.str());
    return {*event.workspace, added->user, added->role, event.recorded_at, event.sequence.value};
  }
  const auto* changed = std::get_if<MemberRoleChanged>(&event.payload);
  TALLY_CHECK(changed != nullptr, name_of(type_of(event.payload)));
  TALLY_CHECK(before.has_value() && before->user == changed->user && before->workspace == *event.workspace,
              changed->user.str());
  MemberState member = *std::move(before);
  member.role = changed->role;
  member.role_sequence = event.sequence.value;
  return member;
}

ResourceServerState resource_server_of(const Event& event) {
  const auto* added = std::get_if<ResourceServerAdded>(&event.payload);
  TALLY_CHECK(added != nullptr, name_of(type_of(event.payload)));
  TALLY_CHECK(event.workspace.has_value());
  return {added->resource_server, *event.workspace,  added->name,
          added->secret_hash,     event.recorded_at, added->resource};
}

}  // namespace tally::core
