#include "http/auth/authenticator.hpp"

#include "core/check.hpp"
#include "http/auth/basic_credentials.hpp"
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

/// What the request presents as a bearer token; empty: nothing, or an Authorization field that is not for Tally.
/// Errors: unauthenticated (more than one).
Result<std::optional<std::string_view>> bearer_token_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer";
  if (request.fresh_access) return std::optional{request.fresh_access->access_token.reveal()};
  const auto authorization = request.header("Authorization");
  if (!authorization || !is_of_scheme(*authorization, kScheme)) return std::optional<std::string_view>{};
  if (request.header_count("Authorization") != 1) return nobody();
  return std::optional{authorization->substr(kScheme.size() + 1)};
}

/// To the management API a dead access token is the same as none; damage and failure stay what they are.
core::Error refusal_of(const core::Error& error) {
  if (is_about_storage(error)) return error;
  return core::fail(Errc::unauthenticated, "the access token is not good: " + error.detail);
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
                             const projections::PeopleQueries& people, std::string issuer, UsageRecorder& usage)
    : access_tokens_(access_tokens), tokens_(tokens), people_(people), origin_(origin_of(issuer)), usage_(usage) {}

Result<Caller> Authenticator::authenticate(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(const auto token, bearer_token_of(request));
  return token ? authenticate_bearer(request, *token, need) : authenticate_session(request);
}

Result<std::optional<AccessClaims>> Authenticator::live_access(const Request& request) const {
  TALLY_TRY_ASSIGN(const auto token, bearer_token_of(request));
  if (!token) return std::optional<AccessClaims>{};
  TALLY_TRY_ASSIGN(LiveAccess access, read_access(request, *token));
  return std::optional{std::move(access.claims)};
}

Result<Authenticator::LiveAccess> Authenticator::read_access(const Request& request, std::string_view token) const {
  TALLY_TRY_ASSIGN(AccessClaims claims, access_tokens_.verify(token, request.received_at));
  TALLY_TRY_ASSIGN(const auto standing,
                   tokens_.access_standing(claims.workspace, claims.token, claims.id, claims.issued_at_seconds));
  if (!standing.live || standing.owner != claims.subject) return core::fail(Errc::token_disabled, "revoked");
  TALLY_TRY_ASSIGN(auto person, people_.find(claims.subject));
  if (!person || person->deactivated_at) return core::fail(Errc::token_disabled, "its owner is gone");
  usage_.record(claims.token, request.received_at);
  return LiveAccess{std::move(claims), *std::move(person)};
}

Result<Caller> Authenticator::authenticate_bearer(const Request& request, std::string_view token, Need need) const {
  auto access = read_access(request, token);
  if (access.has_error()) return refusal_of(access.error());
  auto& [claims, person] = *access;
  const std::string_view scope = scope_for(need);
  if (scope.empty()) return core::fail(Errc::forbidden, "no access token allows this: sign in");
  if (!claims.scope.contains(scope)) {
    return core::fail(Errc::forbidden, "the access token lacks the scope " + std::string{scope});
  }
  Caller caller;
  caller.person = std::move(person);
  caller.via = is_from_command_line(request) ? core::Via::cli : core::Via::api;
  caller.bearer = Caller::Bearer{claims.workspace, claims.token, std::move(claims.scope)};
  return caller;
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
