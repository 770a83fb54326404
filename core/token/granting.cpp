#include "core/token/granting.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/check.hpp"

namespace tally::core {

bool allows(const Policy& policy, std::string_view scope) {
  return is_known_tally_scope(scope) || policy.allowed_scopes.contains(scope);
}

ScopeSet allowed_part(const ScopeSet& scope, const Policy& policy) {
  std::vector<std::string> allowed;
  allowed.reserve(scope.scopes().size());
  std::copy_if(scope.scopes().begin(), scope.scopes().end(), std::back_inserter(allowed),
               [&](const std::string& name) { return allows(policy, name); });
  auto part = ScopeSet::from_sorted(std::move(allowed));
  TALLY_CHECK(part.has_value());
  return *std::move(part);
}

Result<void> check_allowed(const ScopeSet& scope, const Policy& policy) {
  for (const std::string& name : scope.scopes()) {
    if (!allows(policy, name)) {
      return Error{Errc::scope_exceeded, "the workspace does not allow the scope " + name, "scope"};
    }
  }
  return {};
}

Result<ScopeSet> access_scope_to_grant(const std::optional<ScopeSet>& asked, const ScopeSet& held,
                                       const Policy& policy) {
  if (!asked) return allowed_part(held, policy);
  if (!asked->is_subset_of(held)) return Error{Errc::scope_exceeded, "wider than the token's scope", "scope"};
  TALLY_TRY(check_allowed(*asked, policy));
  return *asked;
}

Result<std::optional<Digest>> hash_to_record(const Policy& policy, const std::optional<Digest>& drawn) {
  if (policy.access_token_format == AccessTokenFormat::jwt) return std::optional<Digest>{};
  if (!drawn) return fail(Errc::overloaded, "the workspace's policy has just changed: ask again");
  return drawn;
}

}  // namespace tally::core
