#include "http/auth/authenticator.hpp"

#include "http/auth/confirmation.hpp"
#include "http/auth/forwarded_target.hpp"
#include "http/auth/session_cookie.hpp"
#include "http/server/authorization.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/web_origin.hpp"
#include "http/tokens/resources.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

core::Error nobody() { return core::fail(Errc::unauthenticated, "sign in, or present an access token"); }

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

void note_caller(const Request& request, const core::PersonState& person, core::Via via,
                 const core::Credential& credential, std::optional<core::WorkspaceId> workspace) {
  AttemptNote& attempt = request.notes().attempt;
  attempt.actor = actor_of(person);
  attempt.via = via;
  attempt.credential = credential;
  attempt.workspace = workspace;
}

/// To the management API a dead access token is the same as none; damage, failure and a bad proof stay what they are.
core::Error refusal_of(const core::Error& error) {
  const bool is_dead = error.code == Errc::malformed || error.code == Errc::unauthenticated ||
                       error.code == Errc::token_expired || error.code == Errc::token_disabled;
  return is_dead ? core::fail(Errc::unauthenticated, "the access token is not good: " + error.detail) : error;
}

/// A page of another site can send the cookie along, but it can not write these fields. Source: W3C Fetch Metadata.
Result<void> check_same_origin(const Request& request, const std::string& origin) {
  if (is_safe(request.method)) return {};
  if (const auto site = request.header("Sec-Fetch-Site")) {
    if (*site == "same-origin" || *site == "none") return {};
  } else if (const auto given = request.header("Origin"); given && with_normal_origin(*given) == origin) {
    return {};
  }
  return core::fail(Errc::forbidden, "a change by a session must come from this server's own origin, " + origin);
}

}  // namespace

core::Via via_of_session(const Request& request) {
  if (is_from_command_line(request)) return core::Via::cli;
  return request.header("Sec-Fetch-Site") ? core::Via::page : core::Via::api;
}

Authenticator::Authenticator(AccessTokens& access_tokens, const projections::TokenQueries& tokens,
                             const projections::PeopleQueries& people, std::string issuer, UsageRecorder& usage,
                             DPoPVerifier& proofs, RequestLimits& limits)
    : access_tokens_(access_tokens),
      tokens_(tokens),
      people_(people),
      origin_(origin_of(issuer)),
      resource_(management_resource_of(issuer)),
      usage_(usage),
      proofs_(proofs),
      limits_(limits) {}

Result<std::optional<Authenticator::Presented>> Authenticator::presented_by(const Request& request) {
  using Scheme = Presented::Scheme;
  if (request.notes().fresh_access)
    return std::optional{Presented{Scheme::bearer, request.notes().fresh_access->access_token.reveal()}};
  const auto authorization = request.header("Authorization");
  if (!authorization) return std::optional<Presented>{};
  for (const auto& [scheme, name] : {std::pair{Scheme::bearer, std::string_view{"Bearer"}}, {Scheme::dpop, "DPoP"}}) {
    const auto token = credentials_of(*authorization, name);
    if (!token) continue;
    if (request.header_count("Authorization") != 1) return nobody();
    return std::optional{Presented{scheme, *token}};
  }
  return std::optional<Presented>{};
}

Result<Caller> Authenticator::authenticate(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(const auto presented, presented_by(request));
  return presented ? authenticate_token(request, *presented, need) : authenticate_session(request);
}

Result<std::optional<AccessClaims>> Authenticator::live_access(const Request& request) const {
  TALLY_TRY_ASSIGN(const auto presented, presented_by(request));
  if (!presented) return std::optional<AccessClaims>{};
  TALLY_TRY_ASSIGN(LiveAccess access, read_access(request, *presented, Guarded::forwarded));
  return std::optional{std::move(access.claims)};
}

Result<Authenticator::LiveAccess> Authenticator::read_access(const Request& request, const Presented& presented,
                                                             Guarded guarded) const {
  TALLY_TRY_ASSIGN(AccessClaims claims, access_tokens_.verify(presented.token, request.received_at));
  TALLY_TRY_ASSIGN(auto verdict, tokens_.access_verdict(claims.presented(), request.received_at));
  if (!verdict.is_live()) return core::fail(Errc::token_disabled, "revoked");
  core::PersonState& person = verdict.owner;
  TALLY_TRY_ASSIGN(const auto proven, check_binding(request, presented, claims, guarded));
  const core::Via via = is_from_command_line(request) ? core::Via::cli : core::Via::api;
  note_caller(request, person, via, bearer_credential(claims.token, claims.id), claims.workspace);
  TALLY_TRY(limits_.admit_caller(request, person.id.uuid()));
  usage_.record(claims.token, request.received_at);
  return LiveAccess{std::move(claims), std::move(person), proven};
}

Result<std::optional<core::Confirmation>> Authenticator::check_binding(const Request& request,
                                                                       const Presented& presented,
                                                                       const AccessClaims& claims,
                                                                       Guarded guarded) const {
  const bool needs_proof = claims.confirmation && claims.confirmation->method == core::ConfirmationMethod::jkt;
  // RFC 9449 §7.2: a token that is bound must not be good without its proof, nor one that is not be taken for bound.
  if (needs_proof != (presented.scheme == Presented::Scheme::dpop)) {
    return core::fail(Errc::unauthenticated, needs_proof ? "the access token needs the scheme DPoP and a proof"
                                                         : "the access token is not bound to a key");
  }
  if (!claims.confirmation) return std::optional<core::Confirmation>{};
  if (!needs_proof) {
    if (claims.confirmation == certificate_of(request)) return claims.confirmation;
    return core::fail(Errc::unauthenticated, "the access token is bound to a certificate that the connection lacks");
  }
  const ProofNeeds needs{presented.token, claims.confirmation};
  if (guarded == Guarded::own) {
    TALLY_TRY_ASSIGN(const core::Confirmation proven, proofs_.verify(request, needs));
    return std::optional{proven};
  }
  TALLY_TRY_ASSIGN(const ForwardedTarget target, ForwardedTarget::read(request));
  TALLY_TRY_ASSIGN(const core::Confirmation proven, proofs_.verify(request, target.view(), needs));
  return std::optional{proven};
}

Result<Caller> Authenticator::authenticate_token(const Request& request, const Presented& presented, Need need) const {
  auto access = read_access(request, presented, Guarded::own);
  if (access.has_error()) return refusal_of(access.error());
  auto& [claims, person, proven] = *access;
  if (!claims.resource.empty() && claims.resource != resource_) {
    return core::fail(Errc::unauthenticated, "the access token is for another resource");
  }
  const std::string_view scope = scope_for(need);
  if (scope.empty()) return core::fail(Errc::forbidden, "no access token allows this: sign in");
  if (!claims.scope.contains(scope)) {
    return core::fail(Errc::forbidden, "the access token lacks the scope " + std::string{scope});
  }
  Caller caller;
  caller.person = std::move(person);
  caller.via = request.notes().attempt.via;
  caller.bearer = Caller::Bearer{claims.presented(), std::move(claims.scope), proven};
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
  TALLY_TRY_ASSIGN(auto session, people_.find_session(*hash, request.received_at));
  if (!session) return core::fail(Errc::unauthenticated, "the session has ended: sign in again");
  note_caller(request, session->person, via_of_session(request), {core::CredentialKind::session, {}, {}}, std::nullopt);
  TALLY_TRY(check_same_origin(request, origin_));
  TALLY_TRY(limits_.admit_caller(request, session->person.id.uuid()));
  Caller caller;
  caller.person = std::move(session->person);
  caller.via = via_of_session(request);
  caller.session_hash = *hash;
  return caller;
}

Turn Authenticator::turn_of(const Request& request) const {
  Turn turn;
  const auto person = claimed_by(request);
  turn.asker = person ? person->uuid() : limits_.stand_in_for(request.remote_address);
  const auto workspace = core::WorkspaceId::parse(request.path_parameters.front());
  if (workspace.has_value()) turn.about = workspace->uuid();
  return turn;
}

std::optional<core::UserId> Authenticator::claimed_by(const Request& request) const {
  const auto presented = presented_by(request);
  if (presented.has_error()) return std::nullopt;
  if (*presented) {
    const auto claims = access_tokens_.verify((*presented)->token, request.received_at);
    return claims.has_value() ? std::optional{claims->subject} : std::nullopt;
  }
  const auto hash = session_hash_of(request);
  if (hash.has_error() || !*hash) return std::nullopt;
  const auto session = people_.find_session(**hash, request.received_at);
  return session.has_value() && *session ? std::optional{(*session)->person.id} : std::nullopt;
}

Result<std::optional<Caller>> Authenticator::as_they_are(const Caller& caller, core::Timestamp now) const {
  std::optional<Caller> today = caller;
  if (caller.bearer) {
    TALLY_TRY_ASSIGN(auto verdict, tokens_.access_verdict(caller.bearer->access, now));
    if (!verdict.is_live()) return std::optional<Caller>{};
    today->person = std::move(verdict.owner);
    return today;
  }
  TALLY_CHECK(caller.session_hash.has_value());
  TALLY_TRY_ASSIGN(auto session, people_.find_session(*caller.session_hash, now));
  if (!session) return std::optional<Caller>{};
  today->person = std::move(session->person);
  return today;
}

Result<void> Authenticator::check_may_change(const Caller& caller, core::Timestamp now) const {
  if (!caller.bearer) return {};
  const core::PresentedAccess& access = caller.bearer->access;
  TALLY_TRY_ASSIGN(const auto token, tokens_.find(access.workspace, access.token, now));
  if (token && token->status == core::TokenStatus::active) return {};
  return core::fail(Errc::token_disabled, "the token of this access token is stopped: it changes nothing any more");
}

Result<void> Authenticator::check_origin_of_sign_in(const Request& request) const {
  if (!request.header("Origin") && !request.header("Sec-Fetch-Site")) return {};
  return check_same_origin(request, origin_);
}

Result<std::optional<core::Role>> Authenticator::role_in(const Caller& caller, core::WorkspaceId workspace,
                                                         const projections::WorkspaceQueries& workspaces) const {
  const auto unknown = [] { return core::fail(Errc::not_found, "no such workspace"); };
  if (caller.bearer && caller.bearer->access.workspace != workspace) return unknown();
  if (!caller.is_server_auditor()) {
    TALLY_TRY_ASSIGN(const auto member, workspaces.find_member(workspace, caller.person.id));
    if (member) return std::optional<core::Role>{member->role};
  }
  if (!caller.sees_all()) return unknown();
  TALLY_TRY_ASSIGN(const auto found, workspaces.find(workspace));
  if (!found) return unknown();
  return caller.is_server_auditor() ? std::optional{core::Role::auditor} : std::nullopt;
}

}  // namespace tally::http
