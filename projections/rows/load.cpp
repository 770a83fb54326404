#include "projections/rows/load.hpp"

#include <utility>

#include "projections/rows/ending_row.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/token_row.hpp"
#include "projections/rows/workspace_rows.hpp"

namespace tally::projections {

using core::Result;
using events::Family;
using events::Reader;

namespace {

/// The row under `key`, decoded by `decode`.
template <class Value, class Decode>
Result<std::optional<Value>> load(const Reader& reader, Family family, std::string_view key, Decode decode) {
  TALLY_TRY_ASSIGN(const auto row, reader.get(family, key));
  if (!row) return std::optional<Value>{};
  auto value = decode(*row);
  if (value.has_error()) return value.error();
  return std::optional<Value>{std::move(*value)};
}

}  // namespace

Result<std::optional<core::TokenState>> load_token(const Reader& reader, core::WorkspaceId workspace,
                                                   core::TokenId token) {
  return load<core::TokenState>(reader, Family::token, key_of(workspace, token),
                                [&](std::string_view row) { return decode_token(workspace, token, row); });
}

Result<std::optional<core::WorkspaceId>> load_token_home(const Reader& reader, core::TokenId token) {
  return load<core::WorkspaceId>(reader, Family::token_home, key_of(token), decode_token_home);
}

Result<std::uint64_t> load_owner_count(const Reader& reader, core::WorkspaceId workspace, core::UserId owner) {
  TALLY_TRY_ASSIGN(const auto count,
                   load<std::uint64_t>(reader, Family::owner_count, key_of(workspace, owner), decode_owner_count));
  return count.value_or(0);
}

Result<std::optional<std::uint64_t>> load_ending_token(const Reader& reader, core::WorkspaceId workspace,
                                                       core::TokenId token) {
  return load<std::uint64_t>(reader, Family::ending_token, key_of(workspace, token), decode_ending_token);
}

Result<std::optional<SecretHome>> load_secret_home(const Reader& reader, const core::Digest& secret_hash) {
  return load<SecretHome>(reader, Family::secret, key_of_digest(secret_hash), decode_secret_home);
}

Result<std::optional<core::WorkspaceState>> load_workspace(const Reader& reader, core::WorkspaceId id) {
  return load<core::WorkspaceState>(reader, Family::workspace, key_of(id),
                                    [&](std::string_view row) { return decode_workspace(id, row); });
}

Result<std::optional<core::MemberState>> load_member(const Reader& reader, core::WorkspaceId workspace,
                                                     core::UserId user) {
  return load<core::MemberState>(reader, Family::member, key_of(workspace, user),
                                 [&](std::string_view row) { return decode_member(workspace, user, row); });
}

Result<std::optional<core::ResourceServerState>> load_resource_server(const Reader& reader, core::WorkspaceId workspace,
                                                                      core::ResourceServerId id) {
  return load<core::ResourceServerState>(
      reader, Family::resource_server, key_of(workspace, id),
      [&](std::string_view row) { return decode_resource_server(workspace, id, row); });
}

Result<std::optional<ResourceHome>> load_resource_home(const Reader& reader, const std::string& uri) {
  return load<ResourceHome>(reader, Family::resource, uri, decode_resource_home);
}

Result<bool> is_resource_of(const Reader& reader, core::WorkspaceId workspace, const std::string& uri) {
  if (uri.empty()) return false;
  TALLY_TRY_ASSIGN(const auto home, load_resource_home(reader, uri));
  return home && home->workspace == workspace;
}

Result<std::optional<core::PersonState>> load_person(const Reader& reader, core::UserId id) {
  return load<core::PersonState>(reader, Family::person, key_of(id),
                                 [&](std::string_view row) { return decode_person(id, row); });
}

Result<core::ServerStanding> load_server_standing(const Reader& reader, core::UserId id) {
  TALLY_TRY_ASSIGN(const auto standing,
                   load<core::ServerStanding>(reader, Family::server_standing, key_of(id), decode_server_standing));
  return standing.value_or(core::ServerStanding::none);
}

Result<std::optional<core::UserId>> load_username(const Reader& reader, const std::string& username) {
  return load<core::UserId>(reader, Family::username, username, decode_username);
}

Result<std::optional<RetryRow>> load_retry(const Reader& reader, core::TokenId token) {
  return load<RetryRow>(reader, Family::retry, key_of(token), decode_retry);
}

Result<std::optional<UsageRow>> load_usage(const Reader& reader, core::TokenId token) {
  return load<UsageRow>(reader, Family::usage, key_of(token), decode_usage);
}

Result<std::optional<core::Ending>> load_ending(const Reader& reader, core::UserId user) {
  return load<core::Ending>(reader, Family::ending, key_of(user), decode_ending);
}

Result<bool> has_rows(const Reader& reader, Family family) {
  const auto cursor = reader.scan(family, {});
  if (!cursor->valid()) TALLY_TRY(cursor->status());
  return cursor->valid();
}

}  // namespace tally::projections
