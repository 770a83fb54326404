#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/base/random.hpp"
#include "core/state/confirmation.hpp"
#include "core/state/context.hpp"
#include "core/state/person.hpp"
#include "core/state/scope.hpp"
#include "core/state/workspace.hpp"
#include "core/token/access_rule.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// Who is calling the management API, and how they proved it.
struct Caller {
  core::PersonState person;
  core::Via via = core::Via::api;
  /// Set for a bearer token: it works in its own workspace and for its scopes only. A session has the person's full
  /// power.
  struct Bearer {
    core::PresentedAccess access;  ///< To be asked about again.
    core::ScopeSet scope;
    /// The key that the access token is bound to, which the request has proved.
    std::optional<core::Confirmation> proven = {};
  };
  std::optional<Bearer> bearer;
  std::optional<core::Digest> session_hash;  ///< Neither of the two: a password, which is about to be a session.

  /// Reads everything and changes nothing; by a session only.
  [[nodiscard]] bool is_server_auditor() const { return !bearer && person.standing == core::ServerStanding::auditor; }
  /// Whether people and workspaces that are none of theirs are there for them.
  [[nodiscard]] bool sees_all() const { return is_server_auditor() || (!bearer && person.is_operator()); }
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
