#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/token/token_decider.hpp"

/// Tokens of the system before: how they come in, and how long they are accepted.
namespace tally::core {
namespace {

ImportDecision refused(ImportOutcome outcome) { return {{outcome, {}, {}, {}}, std::nullopt}; }

ImportDecision invalid_line(const Error& error) {
  return {{ImportOutcome::invalid, {}, error.field, error.detail}, std::nullopt};
}

/// A token of the other system has every scope that a token generated today would have without asking, and none of
/// Tally's own.
ScopeSet scope_of_import(const Policy& policy) {
  ScopeSet scope = policy.allowed_scopes.without_tally_scopes();
  if (scope.scopes().size() <= limits::kScopesPerTokenMax) return scope;
  std::vector<std::string> first{scope.scopes().begin(), scope.scopes().begin() + limits::kScopesPerTokenMax};
  auto cut = ScopeSet::from_sorted(std::move(first));
  TALLY_CHECK(cut.has_value());
  return *std::move(cut);
}

}  // namespace

Result<void> check_may_import(const WorkspaceState* workspace, const CallerRights& caller) {
  if (workspace == nullptr || !caller.role.has_value()) return fail(Errc::not_found, "no such workspace");
  if (caller.role != Role::admin || !caller.is_active) {
    return fail(Errc::forbidden, "only an admin of the workspace imports tokens");
  }
  return {};
}

ImportDecision decide_import(const ImportSituation& situation, const CommandContext& context,
                             const LegacyToken& token) {
  TALLY_CHECK(situation.workspace != nullptr);
  const WorkspaceState& workspace = *situation.workspace;
  if (situation.known) return {{ImportOutcome::already_imported, *situation.known, {}, {}}, std::nullopt};
  if (situation.hash_in_use) return refused(ImportOutcome::hash_in_use);
  if (!situation.owner) return refused(ImportOutcome::unknown_owner);
  auto name = normalize_name("description", token.description);
  if (name.has_error()) return invalid_line(name.error());
  // An id made for a later time than the log's would stand before its time in every list.
  if (token.created_at > context.at) return invalid_line(invalid("created", "a time in the future"));
  if (token.expires_at <= token.created_at) return invalid_line(invalid("expires", "not after its creation"));
  LegacyTokenImported imported{*situation.owner, *std::move(name), scope_of_import(workspace.policy),
                               token.created_at, token.expires_at, workspace.policy_sequence,
                               token.secret_hash};
  return {{ImportOutcome::imported, token.id, {}, {}},
          NewEvent{workspace.id, subject_of(token.id), 1, std::move(imported)}};
}

bool is_accepted_legacy(const TokenState& token, const WorkspaceState& workspace, const Ending* ending, Timestamp now) {
  if (token.kind != TokenKind::legacy || token.workspace != workspace.id) return false;
  if (ending != nullptr && ending->covers(workspace.id)) return false;
  if (workspace.policy.legacy_sunset_at && now >= *workspace.policy.legacy_sunset_at) return false;
  return status_at(token, now, workspace.cut_off_at) == TokenStatus::active;
}

const char* name_of(ImportOutcome outcome) {
  switch (outcome) {
    case ImportOutcome::imported:
      return "imported";
    case ImportOutcome::already_imported:
      return "already_imported";
    case ImportOutcome::hash_in_use:
      return "hash_in_use";
    case ImportOutcome::unknown_owner:
      return "unknown_owner";
    case ImportOutcome::invalid:
      return "invalid";
  }
  check_failed("a known ImportOutcome", __FILE__, __LINE__, std::to_string(static_cast<int>(outcome)));
}

}  // namespace tally::core
