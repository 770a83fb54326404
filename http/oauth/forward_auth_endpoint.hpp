#pragma once

#include <string_view>

#include "http/auth/authenticator.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// ANY /forward-auth: a proxy asks whether a request may pass (nginx auth_request, Traefik forwardAuth, Envoy
/// ext_authz) and hands over its Authorization field. 200 with `Tally-Subject`, `Tally-Workspace`, `Tally-Token` and
/// `Tally-Scope`, and no body; 401 with WWW-Authenticate (RFC 6750 §3) if no live access token came; 403 if it lacks a
/// scope.
///
/// The proxy says in the query what it guards: `workspace` (a token of another one is 401) and `scope` (every one of
/// them must be granted). Without `workspace` a live token of any workspace passes, and whoever reads Tally-Workspace
/// has to decide. `path` is read past: Envoy appends the path of the request to whatever it asks. Threads: any.
class ForwardAuthEndpoint {
 public:
  static constexpr std::string_view kPath = "/forward-auth";

  /// Lifetime: it outlives the router's use.
  explicit ForwardAuthEndpoint(const Authenticator& authenticator) : authenticator_(authenticator) {}

  void add_to(Router& router) const;

 private:
  void answer(const Request& request, Response& response) const;

  const Authenticator& authenticator_;
};

}  // namespace tally::http
