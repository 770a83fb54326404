#include "core/state/workspace.hpp"

#include "core/base/check.hpp"

namespace tally::core {
namespace {

template <class Number>
Result<void> check_range(const char* field, Number value, Number min, Number max) {
  if (value >= min && value <= max) return {};
  return invalid(field,
                 std::to_string(min) + " to " + std::to_string(max) + " is allowed, not " + std::to_string(value));
}

}  // namespace

const char* name_of(Role role) {
  switch (role) {
    case Role::member:
      return "member";
    case Role::admin:
      return "admin";
    case Role::auditor:
      return "auditor";
  }
  check_failed("a known Role", __FILE__, __LINE__, std::to_string(static_cast<int>(role)));
}

Result<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::member, Role::admin, Role::auditor}) {
    if (text == name_of(role)) return role;
  }
  return invalid("role", "a role is member, admin or auditor");
}

const char* name_of(WhoMayGenerate who) {
  switch (who) {
    case WhoMayGenerate::members:
      return "members";
    case WhoMayGenerate::admins:
      return "admins";
  }
  check_failed("a known WhoMayGenerate", __FILE__, __LINE__, std::to_string(static_cast<int>(who)));
}

const char* name_of(AccessTokenFormat format) {
  switch (format) {
    case AccessTokenFormat::jwt:
      return "jwt";
    case AccessTokenFormat::opaque:
      return "opaque";
  }
  check_failed("a known AccessTokenFormat", __FILE__, __LINE__, std::to_string(static_cast<int>(format)));
}

Result<void> check_policy(const Policy& policy) {
  using namespace limits;
  TALLY_TRY(check_range("max_lifetime_days", policy.max_lifetime_days, kLifetimeDaysMin, kLifetimeDaysMax));
  TALLY_TRY(check_range("max_active_tokens_per_user", policy.max_active_tokens_per_user, std::uint32_t{1},
                        kActiveTokensPerUserMax));
  TALLY_TRY(
      check_range("access_token_seconds", policy.access_token_seconds, kAccessTokenSecondsMin, kAccessTokenSecondsMax));
  TALLY_TRY(check_range("refresh_retry_seconds", policy.refresh_retry_seconds, 0, kRefreshRetrySecondsMax));
  if (policy.allowed_scopes.scopes().size() > kScopesPerWorkspaceMax) {
    return invalid("allowed_scopes", "at most " + std::to_string(kScopesPerWorkspaceMax) + " scopes");
  }
  for (const std::string& scope : policy.allowed_scopes.scopes()) {
    // A name of ours with a typing error in it would look like power and be none; a later release may give it some.
    if (is_tally_scope(scope) && !is_known_tally_scope(scope)) {
      return invalid("allowed_scopes", "no such scope: " + scope);
    }
  }
  return {};
}

}  // namespace tally::core
