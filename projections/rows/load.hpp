#pragma once

#include <optional>
#include <string>

#include "core/state/offboarding.hpp"
#include "core/state/person.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"
#include "core/token/token_decider.hpp"
#include "events/store/store.hpp"
#include "projections/rows/small_rows.hpp"

/// Rows by their keys, decoded. Absent is an empty optional. Errors: corrupt, io_failed.
namespace tally::projections {

core::Result<std::optional<core::TokenState>> load_token(const events::Reader& reader, core::WorkspaceId workspace,
                                                         core::TokenId token);
core::Result<std::optional<core::WorkspaceId>> load_token_home(const events::Reader& reader, core::TokenId token);
core::Result<std::uint64_t> load_owner_count(const events::Reader& reader, core::WorkspaceId workspace,
                                             core::UserId owner);
core::Result<std::optional<SecretHome>> load_secret_home(const events::Reader& reader, const core::Digest& secret_hash);
core::Result<std::optional<core::WorkspaceState>> load_workspace(const events::Reader& reader, core::WorkspaceId id);
core::Result<std::optional<core::MemberState>> load_member(const events::Reader& reader, core::WorkspaceId workspace,
                                                           core::UserId user);
core::Result<std::optional<core::ResourceServerState>> load_resource_server(const events::Reader& reader,
                                                                            core::WorkspaceId workspace,
                                                                            core::ResourceServerId id);
core::Result<std::optional<ResourceHome>> load_resource_home(const events::Reader& reader, const std::string& uri);
/// Whether a resource server of the workspace has that URI; false without a look-up for none.
core::Result<bool> is_resource_of(const events::Reader& reader, core::WorkspaceId workspace, const std::string& uri);
core::Result<std::optional<core::PersonState>> load_person(const events::Reader& reader, core::UserId id);
/// `none` for whoever has no row.
core::Result<core::ServerStanding> load_server_standing(const events::Reader& reader, core::UserId id);
core::Result<std::optional<core::UserId>> load_username(const events::Reader& reader, const std::string& username);
core::Result<std::optional<RetryRow>> load_retry(const events::Reader& reader, core::TokenId token);
core::Result<std::optional<UsageRow>> load_usage(const events::Reader& reader, core::TokenId token);

/// ending, of a person: what of theirs is being stopped; absent nearly always.
core::Result<std::optional<core::Ending>> load_ending(const events::Reader& reader, core::UserId user);
/// ending_token: how many that descend from the token were disabled so far; absent: nothing is left to be.
core::Result<std::optional<std::uint64_t>> load_ending_token(const events::Reader& reader, core::WorkspaceId workspace,
                                                             core::TokenId token);

/// True if the family has a row at all.
core::Result<bool> has_rows(const events::Reader& reader, events::Family family);

}  // namespace tally::projections
