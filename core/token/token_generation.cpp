#include <algorithm>
#include <chrono>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/token/granting.hpp"
#include "core/token/token_decider.hpp"

/// How tokens come to be: by a person's session, or by another token, which then bounds them.
namespace tally::core {
namespace {

/// What is asked for, or everything that is not power over Tally itself; within the bearer's, if one asks.
Result<ScopeSet> scope_to_grant(const Policy& policy, const std::optional<ScopeSet>& asked, const BearerPower* bearer) {
  ScopeSet scope;
  if (asked.has_value()) {
    TALLY_TRY(check_allowed(*asked, policy));
    if (bearer != nullptr && !asked->is_subset_of(bearer->scope)) {
      return Error{Errc::scope_exceeded, "wider than the scope of the access token that asks: " + bearer->scope.str(),
                   "scope"};
    }
    scope = *asked;
  } else if (bearer != nullptr) {
    scope = allowed_part(bearer->scope.without_tally_scopes(), policy);
  } else {
    scope = policy.allowed_scopes.without_tally_scopes();
  }
  if (scope.scopes().size() > limits::kScopesPerTokenMax) {
    return invalid("scope", "a token has at most " + std::to_string(limits::kScopesPerTokenMax) + " scopes");
  }
  return scope;
}

/// A token ends no later than the one that generates it.
Result<void> check_lifetime(int days, const Policy& policy, const TokenState* parent, Timestamp now) {
  int days_max = std::min(policy.max_lifetime_days, limits::kLifetimeDaysMax);
  if (parent != nullptr) {
    const auto left = std::chrono::floor<std::chrono::days>(parent->expires_at - now).count();
    if (left < limits::kLifetimeDaysMin) {
      return invalid("lifetime_days", "none is allowed: the token that asks ends in less than a day");
    }
    days_max = static_cast<int>(std::min<std::int64_t>(days_max, left));
  }
  if (days < limits::kLifetimeDaysMin || days > days_max) {
    return invalid("lifetime_days", std::to_string(limits::kLifetimeDaysMin) + " to " + std::to_string(days_max) +
                                        " whole days are allowed, not " + std::to_string(days));
  }
  return {};
}

Result<void> check_may_generate(const GenerateSituation& situation) {
  const CallerRights& caller = situation.caller;
  if (situation.workspace == nullptr || !caller.role.has_value()) return fail(Errc::not_found, "no such workspace");
  if (!caller.is_active) return fail(Errc::forbidden, "a deactivated person generates no tokens");
  switch (*caller.role) {
    case Role::auditor:
      return fail(Errc::forbidden, "an auditor generates no tokens");
    case Role::member:
      if (situation.workspace->policy.who_may_generate == WhoMayGenerate::admins) {
        return fail(Errc::forbidden, "only admins generate tokens in this workspace");
      }
      return {};
    case Role::admin:
      return {};
  }
  check_failed("a known Role", __FILE__, __LINE__, std::to_string(static_cast<int>(*caller.role)));
}

/// What the bearer itself must be to have a child. Errors: as check_bearer; binding_failed, limit_exceeded.
Result<void> check_parent(const BearerSituation& bearer, const CommandContext& context, const GenerateToken& command) {
  TALLY_TRY(check_bearer(bearer, *context.bearer, context.at));
  const TokenState& parent = *bearer.access.token;
  TALLY_CHECK(parent.workspace == command.workspace);
  if (parent.confirmation && parent.confirmation != command.proven) {
    return fail(Errc::binding_failed, "the token that asks is bound to a key, and the request does not prove it");
  }
  if (bearer.depth + 1 >= limits::kTokenDepthMax) {
    return fail(Errc::limit_exceeded,
                "tokens that generate tokens go " + std::to_string(limits::kTokenDepthMax) + " deep at the most");
  }
  return {};
}

Result<TokenGenerated> generate(const GenerateSituation& situation, const CommandContext& context,
                                const GenerateToken& command) {
  TALLY_TRY(check_may_generate(situation));
  const WorkspaceState& workspace = *situation.workspace;
  TALLY_CHECK(workspace.id == command.workspace);
  TALLY_CHECK(situation.bearer.has_value() == context.bearer.has_value());
  const BearerPower* const bearer = context.bearer ? &*context.bearer : nullptr;
  const TokenState* const parent = situation.bearer ? situation.bearer->access.token : nullptr;
  if (situation.bearer) TALLY_TRY(check_parent(*situation.bearer, context, command));
  TALLY_TRY_ASSIGN(std::string name, normalize_name("name", command.name));
  TALLY_TRY(check_lifetime(command.lifetime_days, workspace.policy, parent, context.at));
  TALLY_TRY_ASSIGN(ScopeSet scope, scope_to_grant(workspace.policy, command.scope, bearer));
  if (situation.active_tokens >= workspace.policy.max_active_tokens_per_user) {
    return fail(Errc::limit_exceeded, "a person has at most " +
                                          std::to_string(workspace.policy.max_active_tokens_per_user) +
                                          " active tokens in this workspace");
  }
  TALLY_TRY_ASSIGN(const auto access_token_hash, hash_to_record(workspace.policy, command.access_token_hash));
  TokenState token;
  token.expires_at = context.at + std::chrono::days{command.lifetime_days};
  return TokenGenerated{situation.caller.user,
                        std::move(name),
                        std::move(scope),
                        token.expires_at,
                        workspace.policy_sequence,
                        command.secret_hash,
                        command.access_token,
                        access_expiry(token, workspace.policy, context.at),
                        command.proven,
                        access_token_hash,
                        parent != nullptr ? parent->id : TokenId{}};
}

}  // namespace

Result<void> check_bearer(const BearerSituation& bearer, const BearerPower& power, Timestamp now) {
  const AccessSituation& access = bearer.access;
  if (access_end(access, power.presented, now)) {
    return fail(Errc::unauthenticated, "the access token is not good: it has ended or was revoked");
  }
  TokenStatus status = status_at(*access.token, now, access.workspace->cut_off_at);
  if (access.ending != nullptr && access.ending->covers(access.workspace->id)) status = TokenStatus::disabled;
  if (status == TokenStatus::active) return {};
  return fail(Errc::token_disabled,
              "the token of this access token is " + std::string{name_of(status)} + ": it changes nothing any more");
}

std::vector<Error> mistakes_against(const Policy& policy, const GenerateToken& command) {
  std::vector<Error> mistakes;
  const auto lifetime = check_lifetime(command.lifetime_days, policy, nullptr, Timestamp{});
  if (lifetime.has_error()) mistakes.push_back(lifetime.error());
  if (!command.scope) return mistakes;
  const auto scope = scope_to_grant(policy, command.scope, nullptr);
  if (scope.has_error()) mistakes.push_back(scope.error());
  return mistakes;
}

Decision decide(const GenerateSituation& situation, const CommandContext& context, const GenerateToken& command) {
  auto generated = generate(situation, context, command);
  if (generated.has_error()) return Decision::refuse(generated.error());
  return {{NewEvent{command.workspace, subject_of(command.id), 1, std::move(*generated)}}, std::nullopt};
}

}  // namespace tally::core
