#include "projections/rows/workspace_rows.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

enum WorkspaceFlag : std::uint8_t {
  has_cut_off_at = 1,
  has_legacy_sunset_at = 2,
  has_access_cut_off_at = 4,
  is_opaque = 8
};
constexpr std::uint8_t kAllWorkspaceFlags = 15;

}  // namespace

core::Result<void> encode_workspace(const core::WorkspaceState& workspace, std::string& out) {
  const core::Policy& policy = workspace.policy;
  return write_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>((workspace.cut_off_at ? has_cut_off_at : 0) |
                                     (policy.legacy_sunset_at ? has_legacy_sunset_at : 0) |
                                     (workspace.access_cut_off_at ? has_access_cut_off_at : 0) |
                                     (policy.access_token_format == core::AccessTokenFormat::opaque ? is_opaque : 0)));
    row.time(workspace.created_at);
    row.u64(workspace.version);
    row.u32(workspace.admin_count);
    row.u64(workspace.policy_sequence);
    row.u16(policy.max_lifetime_days);
    row.u8(static_cast<std::uint8_t>(policy.who_may_generate));
    row.u32(policy.max_active_tokens_per_user);
    row.u32(policy.access_token_seconds);
    row.u32(policy.refresh_retry_seconds);
    if (workspace.cut_off_at) row.time(*workspace.cut_off_at);
    if (policy.legacy_sunset_at) row.time(*policy.legacy_sunset_at);
    if (workspace.access_cut_off_at) row.time(*workspace.access_cut_off_at);
    row.text(workspace.name);
    row.scope(policy.allowed_scopes);
  });
}

core::Result<core::WorkspaceState> decode_workspace(core::WorkspaceId id, std::string_view value) {
  RowReader row{value};
  core::WorkspaceState state;
  core::Policy& policy = state.policy;
  state.id = id;
  row.version();
  const std::uint8_t flags = row.flags(kAllWorkspaceFlags);
  if (flags & is_opaque) policy.access_token_format = core::AccessTokenFormat::opaque;
  state.created_at = row.time();
  state.version = row.u64();
  state.admin_count = row.u32();
  state.policy_sequence = row.u64();
  policy.max_lifetime_days = row.u16();
  policy.who_may_generate = row.enumerator(core::WhoMayGenerate::admins);
  policy.max_active_tokens_per_user = row.u32();
  const std::uint32_t access_seconds = row.u32();
  const std::uint32_t retry_seconds = row.u32();
  row.require(access_seconds <= INT32_MAX && retry_seconds <= INT32_MAX);
  policy.access_token_seconds = static_cast<int>(access_seconds);
  policy.refresh_retry_seconds = static_cast<int>(retry_seconds);
  if (flags & has_cut_off_at) state.cut_off_at = row.time();
  if (flags & has_legacy_sunset_at) policy.legacy_sunset_at = row.time();
  if (flags & has_access_cut_off_at) state.access_cut_off_at = row.time();
  state.name = row.text();
  policy.allowed_scopes = row.scope();
  if (!row.complete()) return corrupt_row("workspace");
  return state;
}

void encode_member(const core::MemberState& member, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>(member.role));
    row.time(member.added_at);
    row.u64(member.role_sequence);
  });
}

core::Result<core::MemberState> decode_member(core::WorkspaceId workspace, core::UserId user, std::string_view value) {
  RowReader row{value};
  core::MemberState state;
  state.workspace = workspace;
  state.user = user;
  row.version();
  state.role = row.enumerator(core::Role::auditor);
  state.added_at = row.time();
  state.role_sequence = row.u64();
  if (!row.complete()) return corrupt_row("member");
  return state;
}

void encode_role(core::Role role, std::string& out) { out.assign(1, static_cast<char>(role)); }

core::Result<void> encode_resource_server(const core::ResourceServerState& server, std::string& out) {
  return write_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.time(server.created_at);
    row.digest(server.secret_hash);
    row.text(server.name);
    row.text(server.resource);
  });
}

core::Result<core::ResourceServerState> decode_resource_server(core::WorkspaceId workspace, core::ResourceServerId id,
                                                               std::string_view value) {
  RowReader row{value};
  core::ResourceServerState state;
  state.id = id;
  state.workspace = workspace;
  row.version();
  state.created_at = row.time();
  state.secret_hash = row.digest();
  state.name = row.text();
  state.resource = row.text();
  if (!row.complete()) return corrupt_row("resource_server");
  return state;
}

}  // namespace tally::projections
