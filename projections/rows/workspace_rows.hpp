#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/workspace.hpp"
#include "projections/rows/row_fields.hpp"

/// The rows of workspaces, members and resource servers. Ids that stand in a row's key are not repeated in its value.
/// Source: docs/formats.md. Encoders replace `out`; decoders' Errors: corrupt.
namespace tally::projections {

void describe(RowOf<core::WorkspaceState> auto& workspace, auto& fields) {
  auto& [lifetime, who, active_tokens, access_seconds, retry_seconds, scopes, sunset, format] = workspace.policy;
  fields.version();
  fields.flags();
  fields.flag(8, "access tokens are opaque", format, core::AccessTokenFormat::opaque);
  fields.field("created", workspace.created_at);
  fields.field("events", workspace.version);
  fields.field("admins", workspace.admin_count);
  fields.field("policy sequence", workspace.policy_sequence);
  fields.template number<std::uint16_t>("longest lifetime in days", lifetime);
  fields.enumerator("who may generate", who, core::WhoMayGenerate::admins);
  fields.field("most active tokens", active_tokens);
  fields.template number<std::uint32_t>("seconds of an access token", access_seconds);
  fields.template number<std::uint32_t>("seconds of the retry window", retry_seconds);
  fields.optional(1, "cut-off", workspace.cut_off_at);
  fields.optional(2, "legacy sunset", sunset);
  fields.optional(4, "cut-off of access tokens", workspace.access_cut_off_at);
  fields.field("name", workspace.name);
  fields.field("allowed scopes", scopes);
}
core::Result<void> encode_workspace(const core::WorkspaceState& workspace, std::string& out);
core::Result<core::WorkspaceState> decode_workspace(core::WorkspaceId id, std::string_view row);

void describe(RowOf<core::MemberState> auto& member, auto& fields) {
  fields.version();
  fields.enumerator("role", member.role, core::Role::auditor);
  fields.field("added", member.added_at);
  fields.field("sequence of the event that gave the role", member.role_sequence);
}
void encode_member(const core::MemberState& member, std::string& out);
core::Result<core::MemberState> decode_member(core::WorkspaceId workspace, core::UserId user, std::string_view row);

/// member_by_user.
struct RoleRow {
  core::Role role = core::Role::member;
};
void describe(RowOf<RoleRow> auto& row, auto& fields) { fields.enumerator("role", row.role, core::Role::auditor); }
void encode_role(core::Role role, std::string& out);

void describe(RowOf<core::ResourceServerState> auto& server, auto& fields) {
  fields.version();
  fields.field("created", server.created_at);
  fields.field("hash of the secret", server.secret_hash);
  fields.field("name", server.name);
  fields.field("URI", server.resource, "empty: none");
}
core::Result<void> encode_resource_server(const core::ResourceServerState& server, std::string& out);
core::Result<core::ResourceServerState> decode_resource_server(core::WorkspaceId workspace, core::ResourceServerId id,
                                                               std::string_view row);

}  // namespace tally::projections
