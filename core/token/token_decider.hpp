#pragma once

#include <optional>

#include "core/base/names.hpp"
#include "core/event/decision.hpp"
#include "core/state/caller_rights.hpp"
#include "core/state/context.hpp"
#include "core/state/offboarding.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"
#include "core/token/access_rule.hpp"
#include "core/token/token_commands.hpp"

/// The rules of a token. Every function here is pure: the same arguments give the same decision, for ever.
/// Source: docs/architecture.md ("Rules of a token") and RFC 6749 §6, RFC 7009, RFC 9700 §4.14.
namespace tally::core {

/// What a command that came by an access token draws on.
struct BearerSituation {
  AccessSituation access;
  int depth = 0;  ///< So many tokens are above the access token's.
};
/// Whoever is stopped changes nothing any more, not even while its access tokens run out. Errors: unauthenticated (the
/// access token is dead), token_disabled (its token is disabled, deleted or expired).
Result<void> check_bearer(const BearerSituation& bearer, const BearerPower& power, Timestamp now);

struct GenerateSituation {
  const WorkspaceState* workspace = nullptr;  ///< Null: there is none.
  CallerRights caller;
  std::uint64_t active_tokens = 0;             ///< The caller's tokens that are active now.
  std::optional<BearerSituation> bearer = {};  ///< Of a context with a bearer's power.
};
/// A token that another generates has no more scope than the access token that asks, no later end than that one's
/// token, its key if it has one, and names it. Errors: not_found (workspace, or not a member), forbidden (policy or
/// role auditor), as check_bearer, binding_failed, limit_exceeded (tokens of the person, or depth), invalid_argument
/// (name, lifetime_days, scope), scope_exceeded, overloaded (the policy wants an opaque access token, and none was
/// drawn).
Decision decide(const GenerateSituation& situation, const CommandContext& context, const GenerateToken& command);

struct RefreshSituation {
  const TokenState* token = nullptr;  ///< The family that the presented secret belongs to; null: unknown secret.
  std::uint32_t presented_generation = 0;
  const WorkspaceState* workspace = nullptr;  ///< The token's.
  bool has_sealed_successor = false;          ///< The sealed successor of presented_generation is still kept.
  bool is_resource_registered = false;        ///< The asked resource is one of the workspace's resource servers'.
  /// Its owner is leaving, or what it descends from was stopped, and its own event has still to come.
  bool is_ending = false;
  /// fingerprint_of() the refresh that spent it; absent: not known any more.
  std::optional<std::uint64_t> first_use = {};
};
/// Errors: secret_unknown, wrong_workspace, token_deleted, token_disabled, token_expired, secret_reused (recorded and
/// the family disabled), rate_limited (a lost answer was told too often; see lost_answer()), binding_failed,
/// scope_exceeded, resource_refused, overloaded (as in GenerateToken). The order is that of this list: nothing is told
/// about a foreign workspace's token. Never is a scope granted that the policy does not allow now.
///
/// The first refresh that comes with a proof binds a family that is not bound yet. A bound family's current secret is
/// good with that proof only. A spent one without it is no lost answer but reuse: whoever binds a stolen secret to a
/// key of their own must not keep its owner's next attempt from being seen.
Decision decide(const RefreshSituation& situation, const CommandContext& context, const RefreshToken& command);

/// What a refresh gives to the holder of a living token's secret.
struct RefreshGrant {
  ScopeSet scope;
  std::string resource;
  Timestamp expires_at;
  std::optional<Confirmation> newly_bound;  ///< The key that the family is bound to from now on.
  std::optional<Digest> access_token_hash;  ///< Of an opaque access token, if the policy wants one.
};
/// The rules of decide() after those that ask whether the token and the secret are alive: so the edge, too, can say
/// what will be granted. Errors: binding_failed, scope_exceeded, resource_refused, overloaded.
Result<RefreshGrant> refresh_grant(const RefreshSituation& situation, const RefreshToken& command, Timestamp now);

/// Whether every access token that the token has issued, and whatever descends from it, is dead before its time.
bool has_ended_access(const TokenState& token, const WorkspaceState& workspace);

/// When an access token issued at `now` ends: the policy's seconds, but never after its family.
Timestamp access_expiry(const TokenState& token, const Policy& policy, Timestamp now);

struct ExchangeSituation {
  const TokenState* token = nullptr;
  const WorkspaceState* workspace = nullptr;
  std::optional<AccessEnd> subject_end;  ///< Of the presented access token; empty: it lives.
  bool is_resource_registered = false;
  bool is_ending = false;  ///< As in RefreshSituation.
};
/// The new access token has no more scope, no wider audience and no longer life than the presented one, and its key if
/// that has one. The family must be active: what was stopped grants nothing new. Errors: secret_unknown (no such token,
/// or of another workspace), conflict (an exchanged token is not exchanged again), token_deleted, token_disabled,
/// token_expired, binding_failed, scope_exceeded, resource_refused.
Decision decide(const ExchangeSituation& situation, const CommandContext& context, const ExchangeAccessToken& command);

struct StopSituation {
  const TokenState* token = nullptr;  ///< Null: there is none in this workspace.
  const WorkspaceState* workspace = nullptr;
  CallerRights caller;
};
/// One token of a bulk call: the outcome, and the event if there is one. A token that the caller may not know about is
/// not_found.
struct StopDecision {
  BulkOutcome outcome = BulkOutcome::not_found;
  std::optional<NewEvent> event;
};
StopDecision decide_disable(const StopSituation& situation, const CommandContext& context, AccessFate access,
                            const std::string& reason);
StopDecision decide_delete(const StopSituation& situation, const CommandContext& context, AccessFate access,
                           const std::string& reason);

/// Whether the token is of a version that the command expects. A token that the caller has no power over is no matter
/// of versions: nothing then. Errors: precondition_failed.
Result<void> check_expected(const StopSituation& situation, const VersionCondition& expected);

/// What the workspace allows nobody of that which is asked: of each field the first mistake. Whoever passes may still
/// be refused by decide(), which says the same of them one at a time.
std::vector<Error> mistakes_against(const Policy& policy, const GenerateToken& command);

/// Errors: not_found (no such workspace, or not a member), forbidden (not an admin).
Result<void> check_may_import(const WorkspaceState* workspace, const CallerRights& caller);

struct ImportSituation {
  const WorkspaceState* workspace = nullptr;
  std::optional<UserId> owner;   ///< Absent: no such member.
  std::optional<TokenId> known;  ///< The legacy token of this workspace that the hash is of already.
  bool hash_in_use = false;      ///< The hash is of something else.
};
/// One token of an import: the outcome, and the event if there is one.
struct ImportDecision {
  ImportResult result;
  std::optional<NewEvent> event;
};
ImportDecision decide_import(const ImportSituation& situation, const CommandContext& context, const LegacyToken& token);

/// A legacy token is accepted until its end, and until its workspace's sunset. `ending`: of its owner; null: nothing
/// is.
bool is_accepted_legacy(const TokenState& token, const WorkspaceState& workspace, const Ending* ending, Timestamp now);

/// The event that stops an active token for a cause that needs no authority of its own (offboarding, cut-off, reuse);
/// nothing if it is stopped already.
std::optional<NewEvent> stop_event(const TokenState& token, DisableCause cause, AccessFate access,
                                   const std::string& reason);

/// The event that a token's owner going means for it, if any: of one that is active its end; of one that was stopped
/// before, with `revoke`, that of the access tokens that may still live.
std::optional<NewEvent> offboarding_event(const TokenState& token, Timestamp now, AccessFate access);

/// The event that stops a token because one that it descends from was stopped with its access tokens; nothing if its
/// own are dead already. One that was disabled before, and left them, loses them.
std::optional<NewEvent> stop_of_descendant(const TokenState& token, Timestamp now);

/// The event that stops a token, with its access tokens, because a clock that was ahead has dated it; nothing if both
/// are stopped already.
std::optional<NewEvent> stop_of_ahead(const TokenState& token, Timestamp now);

/// Whether the event ends a token's access tokens, and so what descends from it.
bool ends_access(const EventPayload& payload);

/// RFC 7009. Nothing to do is success: an unknown or foreign secret yields an empty decision.
Decision decide(const RefreshSituation& situation, const CommandContext& context, const RevokeRefreshToken& command);
Decision decide(const TokenState* token, const CommandContext& context, const RevokeAccessToken& command);

/// Whether the caller, who is active, may see the token: may_see() of caller_rights.hpp.
bool may_see(const TokenState& token, const CallerRights& caller);

/// The state after `event`. `before` is empty for the event that creates it. An event of another token is a bug
/// (checked).
TokenState evolve(std::optional<TokenState> before, const Event& event);

}  // namespace tally::core
