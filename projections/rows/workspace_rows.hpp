#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/workspace.hpp"

/// The rows of workspaces, members and resource servers. Ids that stand in a row's key are not repeated in its value.
/// Source: docs/formats.md. Encoders replace `out`; decoders' Errors: corrupt.
namespace tally::projections {

core::Result<void> encode_workspace(const core::WorkspaceState& workspace, std::string& out);
core::Result<core::WorkspaceState> decode_workspace(core::WorkspaceId id, std::string_view row);

void encode_member(const core::MemberState& member, std::string& out);
core::Result<core::MemberState> decode_member(core::WorkspaceId workspace, core::UserId user, std::string_view row);

/// The value in member_by_user.
void encode_role(core::Role role, std::string& out);

core::Result<void> encode_resource_server(const core::ResourceServerState& server, std::string& out);
core::Result<core::ResourceServerState> decode_resource_server(core::WorkspaceId workspace, core::ResourceServerId id,
                                                               std::string_view row);

}  // namespace tally::projections
