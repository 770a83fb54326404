#include "http/oauth/forward_auth_endpoint.hpp"

#include <array>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/limits.hpp"
#include "core/scope.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

/// HEAD is served by GET's route.
constexpr std::array kMethods{Method::get, Method::post, Method::put, Method::delete_, Method::options, Method::other};

/// What the proxy guards.
struct Guard {
  std::optional<core::WorkspaceId> workspace;
  core::ScopeSet scope;
};

Result<Guard> guard_of(const Request& request) {
  TALLY_TRY_ASSIGN(const Parameters query, Parameters::parse(request.query));
  if (const auto unknown = query.unknown_name({"workspace", "scope", "path"})) {
    return core::invalid(std::string{*unknown}, "is no parameter of /forward-auth");
  }
  Guard guard;
  TALLY_TRY_ASSIGN(const auto workspace, query.one("workspace"));
  if (workspace) {
    const auto id = core::WorkspaceId::parse(*workspace);
    if (id.has_error()) return core::invalid("workspace", "is not the id of a workspace");
    guard.workspace = *id;
  }
  TALLY_TRY_ASSIGN(const auto scope, query.one("scope"));
  if (scope) {
    TALLY_TRY_ASSIGN(guard.scope, core::ScopeSet::parse(*scope, core::limits::kScopesPerTokenMax));
  }
  return guard;
}

/// RFC 6750 §3.1: who brought no token is only asked for one.
void ask_for_token(const Request& request, Response& response) {
  write_http_problem(request, 401, "unauthenticated", "no access token came", response);
  response.set("WWW-Authenticate", R"(Bearer realm="tally")");
}

void refuse(const Request& request, const core::Error& error, Response& response) {
  if (status_of(error.code) >= 500) return write_problem(request, error, response);
  if (error.code == Errc::scope_exceeded) {
    write_http_problem(request, 403, "insufficient_scope", error.detail, response);
    response.set("WWW-Authenticate", R"(Bearer realm="tally", error="insufficient_scope")");
  } else {
    write_http_problem(request, 401, "unauthenticated", error.detail, response);
    response.set("WWW-Authenticate", R"(Bearer realm="tally", error="invalid_token")");
  }
}

/// What the guard asks of a live access token.
Result<void> check(const AccessClaims& claims, const Guard& guard) {
  if (guard.workspace && *guard.workspace != claims.workspace) {
    return core::fail(Errc::wrong_workspace, "an access token of another workspace");
  }
  if (!guard.scope.is_subset_of(claims.scope)) {
    return core::fail(Errc::scope_exceeded, "the access token lacks a scope of: " + guard.scope.str());
  }
  return {};
}

}  // namespace

void ForwardAuthEndpoint::add_to(Router& router) const {
  for (const Method method : kMethods) {
    SyncHandler handler = [this](const Request& request, Response& response) { answer(request, response); };
    router.add({method, std::string{kPath}, std::move(handler)});
  }
}

void ForwardAuthEndpoint::answer(const Request& request, Response& response) const {
  const Result<Guard> guard = guard_of(request);
  if (guard.has_error()) return write_problem(request, guard.error(), response);
  const Result<std::optional<AccessClaims>> access = authenticator_.live_access(request);
  if (access.has_error()) return refuse(request, access.error(), response);
  if (!*access) return ask_for_token(request, response);
  const AccessClaims& claims = **access;
  if (const auto fits = check(claims, *guard); fits.has_error()) return refuse(request, fits.error(), response);
  response.empty(200);
  response.set_no_store();
  response.set("Tally-Subject", claims.subject.str());
  response.set("Tally-Workspace", claims.workspace.str());
  response.set("Tally-Token", claims.token.str());
  response.set("Tally-Scope", claims.scope.str());
}

}  // namespace tally::http
