#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/limits.hpp"
#include "core/base/time.hpp"
#include "core/state/scope.hpp"

namespace tally::core {

/// Persisted; never renumbered.
enum class Role : std::uint8_t { member = 1, admin = 2, auditor = 3 };
const char* name_of(Role role);
Result<Role> parse_role(std::string_view text);
/// Whether a member of that role sees what is others' in the workspace too: an admin, an auditor.
bool sees_all(Role role);

/// Persisted; never renumbered.
enum class WhoMayGenerate : std::uint8_t { members = 1, admins = 2 };
const char* name_of(WhoMayGenerate who);

/// What its access tokens are: signed, or known to this server only. Persisted; never renumbered.
enum class AccessTokenFormat : std::uint8_t { jwt = 1, opaque = 2 };
const char* name_of(AccessTokenFormat format);

/// What a workspace allows. A change never lengthens what was issued before.
struct Policy {
  int max_lifetime_days = limits::kLifetimeDaysMax;
  WhoMayGenerate who_may_generate = WhoMayGenerate::members;
  std::uint32_t max_active_tokens_per_user = limits::kActiveTokensPerUserDefault;
  int access_token_seconds = limits::kAccessTokenSecondsMax;
  int refresh_retry_seconds = limits::kRefreshRetrySecondsDefault;
  ScopeSet allowed_scopes;
  std::optional<Timestamp> legacy_sunset_at;
  AccessTokenFormat access_token_format = AccessTokenFormat::jwt;
  bool operator==(const Policy&) const = default;
};

/// Each member of a policy, by the name that it has outside and with its bounds: whoever checks, shows or reads a
/// policy forgets none. A member that is not named here does not compile.
template <class Fields>
void describe_policy(auto& policy, Fields& fields) {
  auto& [lifetime, who, active_tokens, access_seconds, retry_seconds, scopes, sunset, format] = policy;
  fields.number("max_lifetime_days", lifetime, limits::kLifetimeDaysMin, limits::kLifetimeDaysMax);
  fields.choice("who_may_generate", who, {WhoMayGenerate::members, WhoMayGenerate::admins});
  fields.number("max_active_tokens_per_user", active_tokens, 1, limits::kActiveTokensPerUserMax);
  fields.number("access_token_seconds", access_seconds, limits::kAccessTokenSecondsMin, limits::kAccessTokenSecondsMax);
  fields.number("refresh_retry_seconds", retry_seconds, 0, limits::kRefreshRetrySecondsMax);
  fields.scopes("allowed_scopes", scopes);
  fields.time_if("legacy_sunset_at", sunset);
  fields.choice_if("access_token_format", format, {AccessTokenFormat::jwt, AccessTokenFormat::opaque});
}

/// Errors: invalid_argument naming the field that breaks its bound.
Result<void> check_policy(const Policy& policy);

struct WorkspaceState {
  WorkspaceId id;
  std::string name;
  Timestamp created_at;
  Policy policy;
  std::uint64_t policy_sequence = 0;    ///< Sequence of the event that set the policy.
  std::optional<Timestamp> cut_off_at;  ///< Tokens created before it are disabled. Moves forward, see may_move().
  std::optional<Timestamp> access_cut_off_at;  ///< Access tokens of tokens created before it are dead too.
  std::uint32_t admin_count = 0;
  std::uint64_t version = 0;
  bool operator==(const WorkspaceState&) const = default;
};

struct MemberState {
  WorkspaceId workspace;
  UserId user;
  Role role = Role::member;
  Timestamp added_at;
  std::uint64_t role_sequence = 0;  ///< Sequence of the event that gave the role: the member's version.
  bool operator==(const MemberState&) const = default;
};

struct ResourceServerState {
  ResourceServerId id;
  WorkspaceId workspace;
  std::string name;
  Digest secret_hash;
  Timestamp created_at;
  std::string resource = {};  ///< The URI that access tokens can be asked for; empty: none.
  bool operator==(const ResourceServerState&) const = default;
};

}  // namespace tally::core
