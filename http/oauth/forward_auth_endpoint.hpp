#pragma once

#include <string_view>

#include "http/auth/authenticator.hpp"
#include "http/server/router.hpp"
#include "http/tokens/legacy_tokens.hpp"

namespace tally::http {

/// ANY /forward-auth: a proxy asks whether a request may pass (nginx auth_request, Traefik forwardAuth, Envoy
/// ext_authz) and hands over its Authorization field. 200 with `Tally-Subject`, `Tally-Workspace`, `Tally-Token` and
/// `Tally-Scope`, and no body; 401 with WWW-Authenticate (RFC 6750 §3) if no live access token came; 403 if it lacks a
/// scope. A legacy token is taken too, with `Deprecation` and `Sunset` in the answer.
///
/// The proxy says in the query what it guards (guard.hpp): `workspace` (a token of another one is 401), `scope` (every
/// one of them must be granted) and `resource` (the URI that tokens for one API name: such a token passes there only,
/// RFC 8707). Without `workspace` a live token of any workspace passes, and whoever reads Tally-Workspace has to
/// decide. With `refresh=yes`, and not without, a refresh token beside the request is spent (refresh_beside.hpp). What
/// follows `path=` is the guarded request's and is not read: Envoy appends path and query of the request to whatever it
/// asks. Threads: any.
class ForwardAuthEndpoint {
 public:
  static constexpr std::string_view kPath = "/forward-auth";

  /// Lifetime: both outlive the router's use.
  ForwardAuthEndpoint(const Authenticator& authenticator, const LegacyTokens& legacy_tokens)
      : authenticator_(authenticator), legacy_tokens_(legacy_tokens) {}

  void add_to(Router& router) const;

 private:
  void answer(const Request& request, Response& response) const;
  /// For what is no access token of this server: whether it is a token of the system before.
  core::Result<std::optional<projections::AcceptedLegacyToken>> find_legacy(
      const Request& request, std::optional<core::WorkspaceId> workspace) const;

  const Authenticator& authenticator_;
  const LegacyTokens& legacy_tokens_;
};

}  // namespace tally::http
