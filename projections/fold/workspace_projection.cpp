#include "projections/fold/workspace_projection.hpp"

#include <array>
#include <optional>
#include <utility>

#include "core/event/event_ranges.hpp"
#include "core/workspace/workspace_decider.hpp"
#include "projections/fold/misfit.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/workspace_rows.hpp"

namespace tally::projections {

using core::Errc;
using core::Event;
using core::Result;
using core::UserId;
using core::WorkspaceState;
using events::Family;

namespace {

constexpr std::array kWorkspaceFamilies{Family::workspace, Family::member, Family::member_by_user,
                                        Family::resource_server, Family::resource};

/// What evolve() takes for granted; here it may be wrong, because bytes on a disk may be.
bool fits(const WorkspaceState& workspace, std::optional<core::Role> role_before, const Event& event) {
  if (event.subject != core::subject_of(workspace.id) || event.subject_version != workspace.version + 1) return false;
  if (role_before == core::Role::admin && workspace.admin_count == 0) return false;
  if (const auto* changed = std::get_if<core::MemberRoleChanged>(&event.payload)) return changed->role != role_before;
  if (const auto* moved = std::get_if<core::CutOffMoved>(&event.payload)) {
    return core::may_move(workspace.cut_off_at, moved->issued_before, event.recorded_at);
  }
  return true;
}

}  // namespace

std::span<const Family> WorkspaceProjection::families() const { return kWorkspaceFamilies; }

Result<void> WorkspaceProjection::apply(const Event& event, events::Rows& rows) {
  const core::EventType type = core::type_of(event.payload);
  if (!core::is_of_workspace(type)) return {};
  if (!event.workspace) return misfit(event, "workspace's rows");
  if (event.subject.kind == core::SubjectKind::workspace && event.subject.id != event.workspace->uuid())
    return misfit(event, "workspace's rows");
  if (type == core::EventType::workspace_created) return create(event, rows);
  if (const auto* added = std::get_if<core::MemberAdded>(&event.payload)) return put_member(event, added->user, rows);
  if (const auto* changed = std::get_if<core::MemberRoleChanged>(&event.payload)) {
    return put_member(event, changed->user, rows);
  }
  if (const auto* removed = std::get_if<core::MemberRemoved>(&event.payload)) {
    return remove_member(event, removed->user, rows);
  }
  if (type == core::EventType::resource_server_added) return add_resource_server(event, rows);
  if (const auto* removed = std::get_if<core::ResourceServerRemoved>(&event.payload)) {
    return remove_resource_server(event, removed->resource_server, rows);
  }
  return change(event, std::nullopt, rows);
}

Result<void> WorkspaceProjection::create(const Event& event, events::Rows& rows) {
  if (event.subject != core::subject_of(*event.workspace) || event.subject_version != 1)
    return misfit(event, "workspace's rows");
  const WorkspaceState workspace = core::evolve(std::optional<WorkspaceState>{}, std::optional<core::Role>{}, event);
  TALLY_TRY(encode_workspace(workspace, row_));
  rows.put(Family::workspace, key_of(workspace.id), row_);
  return {};
}

Result<void> WorkspaceProjection::change(const Event& event, std::optional<core::Role> role_before,
                                         events::Rows& rows) {
  TALLY_TRY_ASSIGN(auto before, load_workspace(rows, *event.workspace));
  if (!before || !fits(*before, role_before, event)) return misfit(event, "workspace's rows");
  const WorkspaceState workspace = core::evolve(std::move(before), role_before, event);
  TALLY_TRY(encode_workspace(workspace, row_));
  rows.put(Family::workspace, key_of(workspace.id), row_);
  return {};
}

Result<void> WorkspaceProjection::put_member(const Event& event, UserId user, events::Rows& rows) {
  TALLY_TRY_ASSIGN(auto before, load_member(rows, *event.workspace, user));
  const bool is_new = std::holds_alternative<core::MemberAdded>(event.payload);
  if (before.has_value() == is_new) return misfit(event, "workspace's rows");
  TALLY_TRY(change(event, before ? std::optional{before->role} : std::nullopt, rows));
  const core::MemberState member = core::evolve(std::move(before), event);
  encode_member(member, row_);
  rows.put(Family::member, key_of(member.workspace, member.user), row_);
  encode_role(member.role, row_);
  rows.put(Family::member_by_user, key_of(member.user, member.workspace), row_);
  return {};
}

Result<void> WorkspaceProjection::remove_member(const Event& event, UserId user, events::Rows& rows) {
  TALLY_TRY_ASSIGN(const auto before, load_member(rows, *event.workspace, user));
  if (!before) return misfit(event, "workspace's rows");
  TALLY_TRY(change(event, before->role, rows));
  rows.erase(Family::member, key_of(*event.workspace, user));
  rows.erase(Family::member_by_user, key_of(user, *event.workspace));
  return {};
}

Result<void> WorkspaceProjection::add_resource_server(const Event& event, events::Rows& rows) {
  const core::ResourceServerState server = core::resource_server_of(event);
  TALLY_TRY(encode_resource_server(server, row_));
  rows.put(Family::resource_server, key_of(server.workspace, server.id), row_);
  if (server.resource.empty()) return {};
  TALLY_TRY_ASSIGN(const auto taken, load_resource_home(rows, server.resource));
  if (taken) return misfit(event, "workspace's rows");
  encode_resource_home({server.workspace, server.id}, row_);
  rows.put(Family::resource, server.resource, row_);
  return {};
}

Result<void> WorkspaceProjection::remove_resource_server(const Event& event, core::ResourceServerId id,
                                                         events::Rows& rows) {
  TALLY_TRY_ASSIGN(const auto server, load_resource_server(rows, *event.workspace, id));
  if (!server) return misfit(event, "workspace's rows");
  rows.erase(Family::resource_server, key_of(*event.workspace, id));
  if (!server->resource.empty()) rows.erase(Family::resource, server->resource);
  return {};
}

}  // namespace tally::projections
