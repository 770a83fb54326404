#pragma once

#include <optional>

#include "core/context.hpp"
#include "core/identity/person.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/scope.hpp"
#include "core/token/access_rule.hpp"
#include "core/token/confirmation.hpp"
#include "core/workspace/workspace.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// Who is calling the management API, and how they proved it.
struct Caller {
  core::PersonState person;
  core::Via via = core::Via::api;
  /// Set for a bearer token: it works in its own workspace and for its scopes only. A session has the person's full
  /// power.
  struct Bearer {
    core::WorkspaceId workspace;
    core::TokenId token;
    core::ScopeSet scope;
    /// The key that the access token is bound to, which the request has proved.
    std::optional<core::Confirmation> proven = {};
    core::PresentedAccess access = {};  ///< To be asked about again.
  };
  std::optional<Bearer> bearer;
  std::optional<core::Digest> session_hash;  ///< Neither of the two: a password, which is about to be a session.
};

/// With what the caller acts.
core::Credential credential_of(const Caller& caller);
core::Credential bearer_credential(core::TokenId token, core::AccessTokenId access_token);

/// The context of a command by this caller: actor operator or user, what they act with and, of a bearer, its power;
/// origin from the request, entropy drawn.
core::CommandContext context_of(const Request& request, const Caller& caller, core::RandomSource& random);
/// The context of an attempt that was refused, as the request notes it.
core::CommandContext context_of_attempt(const Request& request, core::Actor actor, core::RandomSource& random);
/// Who the caller is in events.
core::Actor actor_of(const core::PersonState& person);
/// The context of an OAuth client's command.
core::CommandContext context_of_client(const Request& request, core::Actor actor, const core::Credential& credential,
                                       core::RandomSource& random);

}  // namespace tally::http
