#include "http/auth/authenticator.hpp"

#include "core/check.hpp"
#include "http/auth/basic_credentials.hpp"
#include "http/auth/resources.hpp"
#include "http/auth/session_cookie.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

core::Error nobody() { return core::fail(Errc::unauthenticated, "sign in, or present an access token"); }

/// Scheme, host and port of a URL, as an Origin field shows them.
std::string origin_of(const std::string& url) {
  const std::size_t scheme_end = url.find("://");
  TALLY_CHECK(scheme_end != std::string::npos, url);
  return url.substr(0, url.find('/', scheme_end + 3));
}

bool is_from_command_line(const Request& request) {
  return request.header("User-Agent").value_or("").starts_with("tally/");
}

bool is_safe(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
      return true;
    case Method::post:
    case Method::put:
    case Method::delete_:
    case Method::other:
      return false;
  }
  return false;
}

/// The scope of a bearer token that allows it; empty: none does.
std::string_view scope_for(Need need) {
  switch (need) {
    case Need::tokens_read:
      return core::kScopeTokensRead;
    case Need::tokens_write:
      return core::kScopeTokensWrite;
    case Need::audit_read:
      return core::kScopeAuditRead;
    case Need::session_only:
      return {};
  }
  return {};
}

/// A page of another site can send the cookie along, but it can not write these fields. Source: W3C Fetch Metadata.
Result<void> check_same_origin(const Request& request, const std::string& origin) {
  if (is_safe(request.method)) return {};
  if (const auto site = request.header("Sec-Fetch-Site")) {
    if (*site == "same-origin" || *site == "none") return {};
  } else if (request.header("Origin") == std::optional<std::string_view>{origin}) {
    return {};
  }
  return core::fail(Errc::forbidden, "a change by a session must come from this server's own origin");
}

}  // namespace

core::Via via_of_session(const Request& request) {
  if (is_from_command_line(request)) return core::Via::cli;
  return request.header("Sec-Fetch-Site") ? core::Via::page : core::Via::api;
}

Authenticator::Authenticator(AccessTokens& access_tokens, const projections::TokenQueries& tokens,
                             const projections::PeopleQueries& people, std::string issuer, UsageRecorder& usage,
                             DPoPVerifier& proofs)
    : access_tokens_(access_tokens),
      tokens_(tokens),
      people_(people),
      origin_(origin_of(issuer)),
      resource_(management_resource_of(issuer)),
      usage_(usage),
      proofs_(proofs) {}

Result<Caller> Authenticator::authenticate(const Request& request, Need need) const {
  constexpr std::string_view kBearer = "Bearer";
  constexpr std::string_view kDPoP = "DPoP";
  const auto authorization = request.header("Authorization");
  if (!authorization) return authenticate_session(request);
  const bool is_bearer = is_of_scheme(*authorization, kBearer);
  if (!is_bearer && !is_of_scheme(*authorization, kDPoP)) return authenticate_session(request);
  if (request.header_count("Authorization") != 1) return nobody();
  return is_bearer ? authenticate_token(request, Scheme::bearer, authorization->substr(kBearer.size() + 1), need)
                   : authenticate_token(request, Scheme::dpop, authorization->substr(kDPoP.size() + 1), need);
}

Result<AccessClaims> Authenticator::live_claims(const Request& request, std::string_view token) const {
  auto claims = access_tokens_.verify(token, request.received_at);
  if (claims.has_error())
    return core::fail(Errc::unauthenticated, "the access token is not good: " + claims.error().detail);
  if (!claims->resource.empty() && claims->resource != resource_) {
    return core::fail(Errc::unauthenticated, "the access token is for another resource");
  }
  TALLY_TRY_ASSIGN(const auto standing, tokens_.access_standing(claims->presented()));
  if (!standing.live || standing.owner != claims->subject) {
    return core::fail(Errc::unauthenticated, "the access token was revoked");
  }
  return claims;
}

Result<std::optional<core::Confirmation>> Authenticator::check_binding(const Request& request, Scheme scheme,
                                                                       std::string_view token,
                                                                       const AccessClaims& claims) const {
  const bool is_bound_to_proofs = claims.confirmation && claims.confirmation->method == core::ConfirmationMethod::jkt;
  // RFC 9449 §7.2: a token that is bound must not be good without its proof, nor one that is not be taken for bound.
  if (is_bound_to_proofs != (scheme == Scheme::dpop)) {
    return core::fail(Errc::unauthenticated, is_bound_to_proofs ? "the access token needs the scheme DPoP and a proof"
                                                                : "the access token is not bound to a key");
  }
  if (!claims.confirmation) return std::optional<core::Confirmation>{};
  if (!is_bound_to_proofs) {
    return core::fail(Errc::unauthenticated, "the access token is bound to a certificate that the connection lacks");
  }
  TALLY_TRY_ASSIGN(const core::Confirmation proven, proofs_.verify(request, ProofNeeds{token, claims.confirmation}));
  return std::optional{proven};
}

Result<Caller> Authenticator::authenticate_token(const Request& request, Scheme scheme, std::string_view token,
                                                 Need need) const {
  TALLY_TRY_ASSIGN(auto claims, live_claims(request, token));
  TALLY_TRY_ASSIGN(auto person, people_.find(claims.subject));
  if (!person || person->deactivated_at) return core::fail(Errc::unauthenticated, "the access token's owner is gone");
  TALLY_TRY_ASSIGN(const auto proven, check_binding(request, scheme, token, claims));
  usage_.record(claims.token, request.received_at);
  const std::string_view scope = scope_for(need);
  if (scope.empty()) return core::fail(Errc::forbidden, "no access token allows this: sign in");
  if (!claims.scope.contains(scope)) {
    return core::fail(Errc::forbidden, "the access token lacks the scope " + std::string{scope});
  }
  Caller caller;
  caller.person = *std::move(person);
  caller.via = is_from_command_line(request) ? core::Via::cli : core::Via::api;
  caller.bearer = Caller::Bearer{claims.workspace, claims.token, std::move(claims.scope), proven};
  return caller;
}

Result<std::optional<core::Confirmation>> Authenticator::proven_key(const Request& request,
                                                                    const Caller& caller) const {
  if (caller.bearer && caller.bearer->proven) return caller.bearer->proven;
  if (!DPoPVerifier::has_proof(request)) return std::optional<core::Confirmation>{};
  TALLY_TRY_ASSIGN(const core::Confirmation proven, proofs_.verify(request, ProofNeeds{}));
  return std::optional{proven};
}

Result<Caller> Authenticator::authenticate_session(const Request& request) const {
  TALLY_TRY_ASSIGN(const auto hash, session_hash_of(request));
  if (!hash) return nobody();
  TALLY_TRY_ASSIGN(const auto session, people_.find_session(*hash, request.received_at));
  if (!session) return core::fail(Errc::unauthenticated, "the session has ended: sign in again");
  TALLY_TRY_ASSIGN(auto person, people_.find(session->user));
  if (!person || person->deactivated_at) return nobody();
  TALLY_TRY(check_same_origin(request, origin_));
  Caller caller;
  caller.person = *std::move(person);
  caller.via = via_of_session(request);
  caller.session_hash = *hash;
  return caller;
}

Result<void> Authenticator::check_origin_of_sign_in(const Request& request) const {
  if (!request.header("Origin") && !request.header("Sec-Fetch-Site")) return {};
  return check_same_origin(request, origin_);
}

Result<std::optional<core::Role>> Authenticator::role_in(const Caller& caller, core::WorkspaceId workspace,
                                                         const projections::WorkspaceQueries& workspaces) const {
  const auto unknown = [] { return core::fail(Errc::not_found, "no such workspace"); };
  if (caller.bearer && caller.bearer->workspace != workspace) return unknown();
  TALLY_TRY_ASSIGN(const auto member, workspaces.find_member(workspace, caller.person.id));
  if (member) return std::optional<core::Role>{member->role};
  if (caller.bearer || !caller.person.is_operator) return unknown();
  TALLY_TRY_ASSIGN(const auto found, workspaces.find(workspace));
  if (!found) return unknown();
  return std::optional<core::Role>{};
}

}  // namespace tally::http
