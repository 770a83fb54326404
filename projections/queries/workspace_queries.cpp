#include "projections/queries/workspace_queries.hpp"

#include <utility>

#include "events/store/store.hpp"
#include "projections/queries/key_page.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/workspace_rows.hpp"

namespace tally::projections {

using core::MemberState;
using core::ResourceServerId;
using core::ResourceServerState;
using core::Result;
using core::UserId;
using core::WorkspaceId;
using core::WorkspaceState;
using events::Family;

Result<std::optional<WorkspaceState>> WorkspaceQueries::find(WorkspaceId workspace) const {
  return load_workspace(store_, workspace);
}

Result<Page<WorkspaceState>> WorkspaceQueries::list(int limit, const std::string& after) const {
  const auto snapshot = store_.snapshot();
  return list_by_key<WorkspaceState>(
      *snapshot, Family::workspace, ListKind::workspaces, {}, 16, limit, after,
      [](std::string_view key, std::string_view row) { return decode_workspace(WorkspaceId{uuid_at(key, 0)}, row); });
}

Result<std::optional<MemberState>> WorkspaceQueries::find_member(WorkspaceId workspace, UserId user) const {
  return load_member(store_, workspace, user);
}

Result<Page<MemberRecord>> WorkspaceQueries::list_members(WorkspaceId workspace, int limit,
                                                          const std::string& after) const {
  const auto snapshot = store_.snapshot();
  const auto read = [&](std::string_view key, std::string_view row) -> Result<MemberRecord> {
    TALLY_TRY_ASSIGN(const MemberState member, decode_member(workspace, UserId{uuid_at(key, 0)}, row));
    TALLY_TRY_ASSIGN(auto person, load_person(*snapshot, member.user));
    if (!person) return corrupt_row("member");
    return MemberRecord{member, std::move(*person)};
  };
  return list_by_key<MemberRecord>(*snapshot, Family::member, ListKind::members, key_of(workspace), 16, limit, after,
                                   read);
}

Result<Page<Membership>> WorkspaceQueries::memberships_of(UserId user, int limit, const std::string& after) const {
  const auto snapshot = store_.snapshot();
  const auto read = [&](std::string_view key, std::string_view) -> Result<Membership> {
    const WorkspaceId id{uuid_at(key, 0)};
    TALLY_TRY_ASSIGN(const auto member, load_member(*snapshot, id, user));
    TALLY_TRY_ASSIGN(auto workspace, load_workspace(*snapshot, id));
    if (!member || !workspace) return corrupt_row("member_by_user");
    return Membership{*member, std::move(*workspace)};
  };
  return list_by_key<Membership>(*snapshot, Family::member_by_user, ListKind::memberships, key_of(user), 16, limit,
                                 after, read);
}

Result<std::optional<ResourceServerState>> WorkspaceQueries::find_resource_server(WorkspaceId workspace,
                                                                                  ResourceServerId id) const {
  return load_resource_server(store_, workspace, id);
}

Result<Page<ResourceServerState>> WorkspaceQueries::list_resource_servers(WorkspaceId workspace, int limit,
                                                                          const std::string& after) const {
  const auto snapshot = store_.snapshot();
  const auto read = [&](std::string_view key, std::string_view row) {
    return decode_resource_server(workspace, ResourceServerId{uuid_at(key, 0)}, row);
  };
  return list_by_key<ResourceServerState>(*snapshot, Family::resource_server, ListKind::resource_servers,
                                          key_of(workspace), 16, limit, after, read);
}

}  // namespace tally::projections
