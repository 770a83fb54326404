#include "http/oauth/forward_auth_endpoint.hpp"

#include <array>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "http/oauth/guard.hpp"
#include "http/server/authorization.hpp"
#include "http/server/challenge.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

/// Only the proxy can say whether the caller gets the answer's fields. A question that can not be read is told so by
/// the handler, and spends nothing.
bool hands_the_answer_on(const Request& request) {
  const Result<Guard> guard = Guard::read(request.query);
  return guard.has_value() && guard->refresh == Guard::Refresh::yes;
}

constexpr RoutePolicy kForwardAuthPolicy{.audience = Audience::bearer,
                                         .refresh_beside = RefreshBesideRequest::taken,
                                         .is_refresh_wanted = hands_the_answer_on,
                                         .proof_nonce = ProofNonce::offered};

/// HEAD is served by GET's route.
constexpr std::array kMethods{Method::get, Method::post, Method::put, Method::delete_, Method::options, Method::other};

/// RFC 6750 §3.1: who brought no token is only asked for one.
void ask_for_token(const Request& request, Response& response) {
  write_http_problem(request, 401, "unauthenticated", "no access token came", response);
  write_challenges(request, Errc::unauthenticated, response);
}

void refuse(const Request& request, const core::Error& error, Response& response) {
  request.notes().attempt.refuse(error.code);
  const bool is_of_proof = error.code == Errc::invalid_proof || error.code == Errc::nonce_required;
  const bool is_not_of_token = is_of_proof || error.code == Errc::rate_limited;
  if (is_not_of_token || status_of(error.code) >= 500) return write_problem(request, error, response);
  if (error.code == Errc::scope_exceeded) {
    write_http_problem(request, 403, "insufficient_scope", error.detail, response);
    write_challenges(request, Errc::forbidden, response);
  } else {
    write_http_problem(request, 401, "unauthenticated", error.detail, response);
    write_challenges(request, error.code, response);
  }
}

/// What the guard asks of a live access token.
Result<void> check(const AccessClaims& claims, const Guard& guard) {
  if (guard.workspace && *guard.workspace != claims.workspace) {
    return core::fail(Errc::wrong_workspace, "an access token of another workspace");
  }
  if (!claims.resource.empty() && claims.resource != guard.resource) {
    return core::fail(Errc::unauthenticated, "an access token for another resource");
  }
  if (!guard.scope.is_subset_of(claims.scope)) {
    return core::fail(Errc::scope_exceeded, "the access token lacks a scope of: " + guard.scope.str());
  }
  return {};
}

/// Any text may be a legacy token, but not one that this server signed.
bool is_foreign(const core::Error& error) {
  return error.code == Errc::malformed || error.code == Errc::unauthenticated;
}

/// What a legacy token would say if it were an access token.
AccessClaims claims_of_legacy(const projections::AcceptedLegacyToken& accepted) {
  AccessClaims claims;
  claims.subject = accepted.token.owner;
  claims.workspace = accepted.token.workspace;
  claims.token = accepted.token.id;
  claims.scope = accepted.token.scope;
  return claims;
}

void pass(const Request& request, const AccessClaims& claims, const Guard& guard, Response& response) {
  if (const auto fits = check(claims, guard); fits.has_error()) return refuse(request, fits.error(), response);
  response.empty(200);
  response.set_no_store();
  response.set("Tally-Subject", claims.subject.str());
  response.set("Tally-Workspace", claims.workspace.str());
  response.set("Tally-Token", claims.token.str());
  response.set("Tally-Scope", claims.scope.str());
}

}  // namespace

void ForwardAuthEndpoint::add_to(Router& router) const {
  for (const Method method : kMethods) {
    SyncHandler handler = [this](const Request& request, Response& response) { answer(request, response); };
    router.add({method, std::string{kPath}, std::move(handler), kForwardAuthPolicy});
  }
}

void ForwardAuthEndpoint::answer(const Request& request, Response& response) const {
  const Result<Guard> guard = Guard::read(request.query);
  if (guard.has_error()) return write_problem(request, guard.error(), response);
  const Result<std::optional<AccessClaims>> access = authenticator_.live_access(request);
  if (access.has_value() && !*access) return ask_for_token(request, response);
  if (access.has_value()) return pass(request, **access, *guard, response);
  const Result<std::optional<projections::AcceptedLegacyToken>> legacy =
      is_foreign(access.error()) ? find_legacy(request, guard->workspace)
                                 : std::optional<projections::AcceptedLegacyToken>{};
  if (legacy.has_error()) return refuse(request, legacy.error(), response);
  if (!*legacy) return refuse(request, access.error(), response);
  pass(request, claims_of_legacy(**legacy), *guard, response);
  if (response.status() == 200) announce_legacy(**legacy, response);
}

Result<std::optional<projections::AcceptedLegacyToken>> ForwardAuthEndpoint::find_legacy(
    const Request& request, std::optional<core::WorkspaceId> workspace) const {
  const auto token = credentials_of(request.header("Authorization").value_or(""), "Bearer");
  if (!token || request.header_count("Authorization") != 1) return std::optional<projections::AcceptedLegacyToken>{};
  return legacy_tokens_.accept(workspace, *token, request.received_at);
}

}  // namespace tally::http
