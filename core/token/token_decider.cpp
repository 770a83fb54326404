#include "core/token/token_decider.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/token/granting.hpp"
#include "core/token/lost_answer.hpp"

namespace tally::core {
namespace {

NewEvent event_of(const TokenState& token, std::uint64_t version, EventPayload payload) {
  return {token.workspace, subject_of(token.id), version, std::move(payload)};
}

NewEvent next_event_of(const TokenState& token, EventPayload payload) {
  return event_of(token, token.version + 1, std::move(payload));
}

/// Of a RefreshSituation or ExchangeSituation: what is ending is stopped already, whatever its row says.
template <class Situation>
TokenStatus status_of(const Situation& situation, Timestamp now) {
  const TokenStatus status = status_at(*situation.token, now, situation.workspace->cut_off_at);
  return situation.is_ending && status == TokenStatus::active ? TokenStatus::disabled : status;
}

/// Why the family does not answer at all, spent secret or not.
std::optional<Error> stopped(TokenStatus status) {
  switch (status) {
    case TokenStatus::deleted:
      return fail(Errc::token_deleted, "the token was deleted");
    case TokenStatus::disabled:
      return fail(Errc::token_disabled, "the token is disabled");
    case TokenStatus::expired:
      return fail(Errc::token_expired, "the token has expired");
    case TokenStatus::active:
      return std::nullopt;
  }
  check_failed("a known TokenStatus", __FILE__, __LINE__, std::to_string(static_cast<int>(status)));
}

bool is_proven(const std::optional<Confirmation>& bound_to, const std::optional<Confirmation>& proven) {
  return !bound_to.has_value() || proven == bound_to;
}

Error not_proven() {
  return fail(Errc::binding_failed, "the token is bound to a key, and the request does not prove it");
}

/// The resource that the access token will be for. Errors: resource_refused.
Result<std::string> resource_to_grant(const AskedResource& asked, bool is_registered) {
  if (asked.uri.empty() || asked.is_ours || is_registered) return asked.uri;
  return Error{Errc::resource_refused, "no resource server of the workspace has this URI", "resource"};
}

Decision reuse(const RefreshSituation& situation) {
  const TokenState& token = *situation.token;
  Decision decision;
  decision.events.push_back(
      event_of(token, token.version + 1, TokenReuseDetected{situation.presented_generation, token.generation}));
  decision.events.push_back(
      event_of(token, token.version + 2, TokenDisabled{DisableCause::reuse_detected, AccessFate::revoke, {}}));
  decision.refusal = fail(Errc::secret_reused, "a spent refresh token was presented; its family is now disabled");
  return decision;
}

/// The death of all access tokens of a token that is stopped already. They end by themselves at `access_expires_at` at
/// the latest.
NewEvent revoke_all_access(const TokenState& token, Timestamp now) {
  const Timestamp last = std::min(now + std::chrono::seconds{limits::kAccessTokenSecondsMax}, token.expires_at);
  return next_event_of(token, AccessRevoked{AccessTokenId{}, last});
}

/// Of a token that is stopped whoever asks, and its access tokens if they still live.
std::optional<NewEvent> stop_with_access(const TokenState& token, DisableCause cause, Timestamp now) {
  if (token.access_revoked_at.has_value()) return std::nullopt;
  if (auto event = stop_event(token, cause, AccessFate::revoke, {})) return event;
  return revoke_all_access(token, now);
}

enum class Authority { none_and_unseen, none, full };

Authority authority_over(const TokenState& token, const CallerRights& caller) {
  if (!may_see(token, caller)) return Authority::none_and_unseen;
  switch (*caller.role) {
    case Role::auditor:
      return Authority::none;
    case Role::member:
    case Role::admin:
      return Authority::full;
  }
  check_failed("a known Role", __FILE__, __LINE__, std::to_string(static_cast<int>(*caller.role)));
}

/// The outcome if the caller has no power over the token, or there is none to have power over.
std::optional<BulkOutcome> obstacle(const StopSituation& situation) {
  if (situation.token == nullptr || situation.token->mark == TokenMark::deleted) return BulkOutcome::not_found;
  TALLY_CHECK(situation.workspace != nullptr);
  if (situation.token->workspace != situation.workspace->id) return BulkOutcome::not_found;
  switch (authority_over(*situation.token, situation.caller)) {
    case Authority::none_and_unseen:
      return BulkOutcome::not_found;
    case Authority::none:
      return BulkOutcome::forbidden;
    case Authority::full:
      return std::nullopt;
  }
  check_failed("a known Authority", __FILE__, __LINE__, {});
}

}  // namespace

Decision decide(const RefreshSituation& situation, const CommandContext& context, const RefreshToken& command) {
  // A legacy token is no refresh token: whoever presents one here learns nothing more than for a wrong secret.
  if (situation.token == nullptr || situation.token->kind == TokenKind::legacy) {
    return Decision::refuse(fail(Errc::secret_unknown, "an unknown refresh token"));
  }
  TALLY_CHECK(situation.workspace != nullptr && situation.workspace->id == situation.token->workspace);
  const TokenState& token = *situation.token;
  TALLY_CHECK(situation.presented_generation <= token.generation, std::to_string(situation.presented_generation));
  if (command.client.has_value() && *command.client != token.workspace) {
    return Decision::refuse(fail(Errc::wrong_workspace, "a refresh token of another workspace"));
  }
  if (auto refusal = stopped(status_of(situation, context.at))) return Decision::refuse(*std::move(refusal));

  const bool is_current = situation.presented_generation == token.generation;
  // The hashes are of 256 random bits and public to nobody: comparing them in constant time would protect nothing.
  TALLY_CHECK(!is_current || command.presented_hash == token.secret_hash);
  if (!is_current) {
    const LostAnswer lost = lost_answer(situation, command.proven, context.at);
    if (lost == LostAnswer::none) return reuse(situation);
    if (lost == LostAnswer::too_often) return Decision::refuse(told_too_often());
  }
  auto granted = refresh_grant(situation, command, context.at);
  if (granted.has_error()) return Decision::refuse(granted.error());
  RefreshGrant& grant = *granted;
  if (is_current) {
    return {{next_event_of(token, TokenRefreshed{token.generation + 1, command.successor_hash, std::move(grant.scope),
                                                 command.access_token, grant.expires_at, grant.newly_bound,
                                                 std::move(grant.resource), grant.access_token_hash})},
            std::nullopt};
  }
  const bool from_elsewhere = situation.first_use && *situation.first_use != fingerprint_of(context.origin);
  return {{next_event_of(token, TokenRefreshRetried{token.generation, std::move(grant.scope), command.access_token,
                                                    grant.expires_at, std::move(grant.resource),
                                                    grant.access_token_hash, from_elsewhere})},
          std::nullopt};
}

Result<RefreshGrant> refresh_grant(const RefreshSituation& situation, const RefreshToken& command, Timestamp now) {
  const TokenState& token = *situation.token;
  const Policy& policy = situation.workspace->policy;
  if (!is_proven(token.confirmation, command.proven)) return not_proven();
  RefreshGrant grant;
  TALLY_TRY_ASSIGN(grant.scope, access_scope_to_grant(command.scope, token.scope, policy));
  TALLY_TRY_ASSIGN(grant.resource, resource_to_grant(command.resource, situation.is_resource_registered));
  TALLY_TRY_ASSIGN(grant.access_token_hash, hash_to_record(policy, command.access_token_hash));
  grant.expires_at = access_expiry(token, policy, now);
  const bool is_current = situation.presented_generation == token.generation;
  if (is_current && !token.confirmation) grant.newly_bound = command.proven;
  return grant;
}

Decision decide(const ExchangeSituation& situation, const CommandContext& context, const ExchangeAccessToken& command) {
  const auto unknown = [] { return Decision::refuse(fail(Errc::secret_unknown, "an unknown access token")); };
  if (situation.token == nullptr || situation.token->workspace != command.client) return unknown();
  TALLY_CHECK(situation.workspace != nullptr && situation.workspace->id == command.client);
  TALLY_CHECK(situation.token->id == command.token && !command.subject.id.is_nil());
  const TokenState& token = *situation.token;
  const ExchangeAccessToken::Subject& subject = command.subject;
  if (subject.is_exchanged) return Decision::refuse(fail(Errc::conflict, "an exchanged token is not exchanged again"));
  if (auto refusal = stopped(status_of(situation, context.at))) return Decision::refuse(*std::move(refusal));
  if (situation.subject_end == AccessEnd::expired) {
    return Decision::refuse(fail(Errc::token_expired, "the access token has expired"));
  }
  if (situation.subject_end) return Decision::refuse(fail(Errc::token_disabled, "the access token was revoked"));
  if (!is_proven(subject.confirmation, command.proven)) return Decision::refuse(not_proven());
  auto access_scope = access_scope_to_grant(command.scope, subject.scope, situation.workspace->policy);
  if (access_scope.has_error()) return Decision::refuse(access_scope.error());
  std::string resource = subject.resource;
  if (command.resource.has_value() && command.resource->uri != subject.resource) {
    // From all of the workspace to one resource is narrower; from one to another, or back to all, is not.
    if (!subject.resource.empty()) {
      return Decision::refuse(Error{Errc::resource_refused, "the presented token is for another resource", "resource"});
    }
    auto granted = resource_to_grant(*command.resource, situation.is_resource_registered);
    if (granted.has_error()) return Decision::refuse(granted.error());
    resource = *std::move(granted);
  }
  const Timestamp expires_at =
      std::min(access_expiry(token, situation.workspace->policy, context.at), subject.expires_at);
  const auto access_token_hash = hash_to_record(situation.workspace->policy, command.access_token_hash);
  if (access_token_hash.has_error()) return Decision::refuse(access_token_hash.error());
  return {{next_event_of(
              token, AccessExchanged{subject.id, command.access_token, *std::move(access_scope), expires_at,
                                     std::move(resource), subject.confirmation ? subject.confirmation : command.proven,
                                     *access_token_hash})},
          std::nullopt};
}

bool has_ended_access(const TokenState& token, const WorkspaceState& workspace) {
  if (token.access_revoked_at.has_value()) return true;
  return workspace.access_cut_off_at && token.created_at < *workspace.access_cut_off_at;
}

Timestamp access_expiry(const TokenState& token, const Policy& policy, Timestamp now) {
  return std::min(now + std::chrono::seconds{policy.access_token_seconds}, token.expires_at);
}

bool may_see(const TokenState& token, const CallerRights& caller) {
  return caller.is_active && may_see(caller.role, caller.user, token.owner);
}

Result<void> check_expected(const StopSituation& situation, const VersionCondition& expected) {
  if (!expected.is_set() || obstacle(situation)) return {};
  return expected.check(situation.token->version);
}

StopDecision decide_disable(const StopSituation& situation, const CommandContext& context, AccessFate access,
                            const std::string& reason) {
  if (const auto outcome = obstacle(situation)) return {*outcome, std::nullopt};
  const TokenState& token = *situation.token;
  if (status_at(token, context.at, situation.workspace->cut_off_at) != TokenStatus::disabled) {
    return {BulkOutcome::disabled, next_event_of(token, TokenDisabled{DisableCause::requested, access, reason})};
  }
  if (access == AccessFate::keep || token.access_revoked_at.has_value()) {
    return {BulkOutcome::already_disabled, std::nullopt};
  }
  return {BulkOutcome::already_disabled, revoke_all_access(token, context.at)};
}

StopDecision decide_delete(const StopSituation& situation, const CommandContext&, AccessFate access,
                           const std::string& reason) {
  if (const auto outcome = obstacle(situation)) return {*outcome, std::nullopt};
  return {BulkOutcome::deleted, next_event_of(*situation.token, TokenDeleted{access, reason})};
}

std::optional<NewEvent> stop_event(const TokenState& token, DisableCause cause, AccessFate access,
                                   const std::string& reason) {
  if (token.mark != TokenMark::active) return std::nullopt;
  return next_event_of(token, TokenDisabled{cause, access, reason});
}

std::optional<NewEvent> offboarding_event(const TokenState& token, Timestamp now, AccessFate access) {
  if (now >= token.expires_at) return std::nullopt;
  if (auto event = stop_event(token, DisableCause::offboarding, access, {})) return event;
  const bool may_live = !token.access_revoked_at.has_value() && now < token.access_expires_at;
  if (access == AccessFate::keep || !may_live) return std::nullopt;
  return next_event_of(token, AccessRevoked{AccessTokenId{}, token.access_expires_at});
}

std::optional<NewEvent> stop_of_descendant(const TokenState& token, Timestamp now) {
  return stop_with_access(token, DisableCause::parent_stopped, now);
}

std::optional<NewEvent> stop_of_ahead(const TokenState& token, Timestamp now) {
  return stop_with_access(token, DisableCause::clock, now);
}

bool ends_access(const EventPayload& payload) {
  if (const auto* disabled = std::get_if<TokenDisabled>(&payload)) return disabled->access == AccessFate::revoke;
  if (const auto* deleted = std::get_if<TokenDeleted>(&payload)) return deleted->access == AccessFate::revoke;
  const auto* revoked = std::get_if<AccessRevoked>(&payload);
  return revoked != nullptr && revoked->access_token.is_nil();
}

Decision decide(const RefreshSituation& situation, const CommandContext& context, const RevokeRefreshToken& command) {
  if (situation.token == nullptr || situation.token->workspace != command.client) return {};
  TALLY_CHECK(situation.workspace != nullptr && situation.workspace->id == command.client);
  const TokenState& token = *situation.token;
  // Past the family's end none of its access tokens lives either.
  if (context.at >= token.expires_at) return {};
  if (auto event = stop_event(token, DisableCause::revoked, AccessFate::revoke, {})) return {{*std::move(event)}, {}};
  if (token.access_revoked_at.has_value()) return {};
  return {{revoke_all_access(token, context.at)}, std::nullopt};
}

Decision decide(const TokenState* token, const CommandContext& context, const RevokeAccessToken& command) {
  if (token == nullptr || token->workspace != command.client) return {};
  TALLY_CHECK(token->id == command.token);
  TALLY_CHECK(!command.access_token.is_nil());
  if (context.at >= command.access_expires_at || token->access_revoked_at.has_value()) return {};
  return {{next_event_of(*token, AccessRevoked{command.access_token, command.access_expires_at})}, std::nullopt};
}

const char* name_of(BulkOutcome outcome) {
  switch (outcome) {
    case BulkOutcome::disabled:
      return "disabled";
    case BulkOutcome::already_disabled:
      return "already_disabled";
    case BulkOutcome::deleted:
      return "deleted";
    case BulkOutcome::not_found:
      return "not_found";
    case BulkOutcome::forbidden:
      return "forbidden";
  }
  check_failed("a known BulkOutcome", __FILE__, __LINE__, std::to_string(static_cast<int>(outcome)));
}

}  // namespace tally::core
