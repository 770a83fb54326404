#include "projections/rows/workspace_rows.hpp"

#include "core/base/names.hpp"

namespace tally::projections {

core::Result<void> encode_workspace(const core::WorkspaceState& workspace, std::string& out) {
  return encode_row(workspace, out);
}

core::Result<core::WorkspaceState> decode_workspace(core::WorkspaceId id, std::string_view row) {
  core::Result<core::WorkspaceState> workspace{core::WorkspaceState{}};
  workspace->id = id;
  TALLY_TRY(read_row("workspace", row, *workspace));
  return workspace;
}

void encode_member(const core::MemberState& member, std::string& out) { encode_fixed_row(member, out); }

core::Result<core::MemberState> decode_member(core::WorkspaceId workspace, core::UserId user, std::string_view row) {
  core::Result<core::MemberState> member{core::MemberState{}};
  member->workspace = workspace;
  member->user = user;
  TALLY_TRY(read_row("member", row, *member));
  return member;
}

void encode_role(core::Role role, std::string& out) { encode_fixed_row(RoleRow{role}, out); }

core::Result<void> encode_resource_server(const core::ResourceServerState& server, std::string& out) {
  return encode_row(server, out);
}

core::Result<core::ResourceServerState> decode_resource_server(core::WorkspaceId workspace, core::ResourceServerId id,
                                                               std::string_view row) {
  core::Result<core::ResourceServerState> server{core::ResourceServerState{}};
  server->id = id;
  server->workspace = workspace;
  TALLY_TRY(read_row("resource_server", row, *server));
  // It is told as a URI, and compared as one.
  if (!server->resource.empty() && core::check_resource("resource", server->resource).has_error()) {
    return core::fail(core::Errc::corrupt, "a row of resource_server names no resource");
  }
  return server;
}

}  // namespace tally::projections
