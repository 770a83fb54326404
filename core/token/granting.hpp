#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/state/scope.hpp"
#include "core/state/workspace.hpp"

/// What a policy lets be granted at the moment of asking, whatever was granted before it changed. Pure.
namespace tally::core {

/// Tally's own scopes are given by name in every workspace; others as the policy says.
bool allows(const Policy& policy, std::string_view scope);
/// The part of `scope` that the policy allows.
ScopeSet allowed_part(const ScopeSet& scope, const Policy& policy);
/// Errors: scope_exceeded (the first that the policy does not allow).
Result<void> check_allowed(const ScopeSet& scope, const Policy& policy);

/// The scope of an access token for whoever holds `held`: what is asked, or all of it that is still allowed. Errors:
/// scope_exceeded (wider than `held`, or no longer allowed).
Result<ScopeSet> access_scope_to_grant(const std::optional<ScopeSet>& asked, const ScopeSet& held,
                                       const Policy& policy);

/// The hash of the opaque access token, if the policy wants one. The edge draws one if it saw such a policy: when it
/// has changed since, the caller has to ask again, and nothing has happened. Errors: overloaded.
Result<std::optional<Digest>> hash_to_record(const Policy& policy, const std::optional<Digest>& drawn);

}  // namespace tally::core
