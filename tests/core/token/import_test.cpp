#include "core/base/limits.hpp"
#include "tests/core/given.hpp"

namespace tally::core::testing {
namespace {

constexpr Timestamp kMade = kStart - std::chrono::days{1'000};

WorkspaceState workspace_of(std::optional<Timestamp> sunset = std::nullopt) {
  WorkspaceState workspace;
  workspace.id = kWorkspace;
  workspace.policy.allowed_scopes = scopes("orders.read orders.write tally:audit.read");
  workspace.policy.legacy_sunset_at = sunset;
  workspace.policy_sequence = 7;
  return workspace;
}

LegacyToken legacy() { return {kToken, hash_of(3), kAlice, " cron of 2019 ", kMade, kStart + std::chrono::days{100}}; }

ImportDecision decide_for(const LegacyToken& token, ImportSituation situation = {}) {
  const WorkspaceState workspace = workspace_of();
  situation.workspace = &workspace;
  return decide_import(situation, context_at(kStart), token);
}

TokenState imported_token(const LegacyToken& token) {
  const auto decided = decide_for(token, {nullptr, kAlice, {}, false});
  REQUIRE(decided.event.has_value());
  return evolve(std::optional<TokenState>{}, event_of(*decided.event, kStart));
}

}  // namespace

TEST_CASE("import: a legacy token keeps its age and its end, and gets the workspace's scopes but none of Tally's",
          "[core][token]") {
  const auto decided = decide_for(legacy(), {nullptr, kAlice, {}, false});
  CHECK(decided.result.outcome == ImportOutcome::imported);
  CHECK(decided.result.token == kToken);
  REQUIRE(decided.event.has_value());
  CHECK(decided.event->workspace == kWorkspace);
  CHECK(decided.event->subject == subject_of(kToken));
  CHECK(decided.event->subject_version == 1);
  CHECK(decided.event->payload ==
        EventPayload{LegacyTokenImported{kAlice, "cron of 2019", scopes("orders.read orders.write"), kMade,
                                         legacy().expires_at, 7, hash_of(3)}});
  const TokenState token = imported_token(legacy());
  CHECK(token.kind == TokenKind::legacy);
  CHECK(token.created_at == kMade);
  CHECK(token.imported_at == kStart);
  CHECK(token.version == 1);
  CHECK(token.generation == 0);
}

TEST_CASE("import: what stands in the way is told, and no event is made", "[core][token]") {
  const TokenId known{uuid_of(99)};
  const auto outcome_of = [](const LegacyToken& token, const ImportSituation& situation) {
    const auto decided = decide_for(token, situation);
    CHECK_FALSE(decided.event.has_value());
    return decided.result;
  };
  CHECK(outcome_of(legacy(), {nullptr, kAlice, known, true}).outcome == ImportOutcome::already_imported);
  CHECK(outcome_of(legacy(), {nullptr, kAlice, known, true}).token == known);
  CHECK(outcome_of(legacy(), {nullptr, kAlice, {}, true}).outcome == ImportOutcome::hash_in_use);
  CHECK(outcome_of(legacy(), {nullptr, {}, {}, false}).outcome == ImportOutcome::unknown_owner);
  const auto invalid_field = [&](const LegacyToken& token) {
    const auto result = outcome_of(token, {nullptr, kAlice, {}, false});
    CHECK(result.outcome == ImportOutcome::invalid);
    CHECK_FALSE(result.detail.empty());
    return result.field;
  };
  LegacyToken token = legacy();
  token.description = " ";
  CHECK(invalid_field(token) == "description");
  token = legacy();
  token.created_at = kStart + 1us;
  CHECK(invalid_field(token) == "created");
  token = legacy();
  token.expires_at = token.created_at;
  CHECK(invalid_field(token) == "expires");
}

TEST_CASE("import: only an admin may", "[core][token]") {
  const WorkspaceState workspace = workspace_of();
  CHECK(check_may_import(&workspace, rights(kAlice, Role::admin)).has_value());
  CHECK(check_may_import(&workspace, rights(kAlice, Role::member)).error().code == Errc::forbidden);
  CHECK(check_may_import(&workspace, rights(kAlice, Role::auditor)).error().code == Errc::forbidden);
  CHECK(check_may_import(&workspace, rights(kAlice, std::nullopt)).error().code == Errc::not_found);
  CHECK(check_may_import(&workspace, the_operator()).error().code == Errc::not_found);
  CHECK(check_may_import(nullptr, rights(kAlice, Role::admin)).error().code == Errc::not_found);
  CallerRights gone = rights(kAlice, Role::admin);
  gone.is_active = false;
  CHECK(check_may_import(&workspace, gone).error().code == Errc::forbidden);
}

TEST_CASE("legacy tokens: accepted until their end, the sunset, a cut-off or a stop", "[core][token]") {
  const TokenState token = imported_token(legacy());
  const auto accepted = [&](const TokenState& state, const WorkspaceState& workspace, Timestamp now) {
    return is_accepted_legacy(state, workspace, nullptr, now);
  };
  CHECK(accepted(token, workspace_of(), kStart));
  CHECK(accepted(token, workspace_of(), token.expires_at - 1us));
  CHECK_FALSE(accepted(token, workspace_of(), token.expires_at));
  CHECK(accepted(token, workspace_of(kStart + 10s), kStart + 10s - 1us));
  CHECK_FALSE(accepted(token, workspace_of(kStart + 10s), kStart + 10s));
  WorkspaceState cut_off = workspace_of();
  cut_off.cut_off_at = kMade + 1us;
  CHECK_FALSE(accepted(token, cut_off, kStart));
  cut_off.cut_off_at = kMade;
  CHECK(accepted(token, cut_off, kStart));
  WorkspaceState other = workspace_of();
  other.id = kOtherWorkspace;
  CHECK_FALSE(accepted(token, other, kStart));
  TokenState stopped = token;
  stopped.mark = TokenMark::disabled;
  CHECK_FALSE(accepted(stopped, workspace_of(), kStart));
  TokenState ours = token;
  ours.kind = TokenKind::oauth2;
  CHECK_FALSE(accepted(ours, workspace_of(), kStart));
}

TEST_CASE("legacy tokens: they can not be refreshed, and stop as others do", "[core][token]") {
  const TokenState token = imported_token(legacy());
  const WorkspaceState workspace = workspace_of();
  RefreshToken refresh;
  refresh.presented_hash = token.secret_hash;
  const auto refreshed = decide(RefreshSituation{&token, 0, &workspace, false}, context_at(kStart), refresh);
  REQUIRE(refreshed.refusal.has_value());
  CHECK(refreshed.refusal->code == Errc::secret_unknown);
  CHECK(refreshed.events.empty());
  const StopSituation situation{&token, &workspace, rights(kAlice, Role::member)};
  const auto disabled = decide_disable(situation, context_at(kStart), AccessFate::keep, {});
  CHECK(disabled.outcome == BulkOutcome::disabled);
  REQUIRE(disabled.event.has_value());
  CHECK(evolve(token, event_of(*disabled.event, kStart)).mark == TokenMark::disabled);
}

TEST_CASE("versions: a condition holds for what it names, and authority comes first", "[core][token]") {
  CHECK(VersionCondition{}.check(5).has_value());
  CHECK_FALSE(VersionCondition{}.is_set());
  CHECK(VersionCondition::exists().check(5).has_value());
  CHECK(VersionCondition::exists().is_set());
  CHECK(VersionCondition{{4, 5}}.check(5).has_value());
  CHECK(VersionCondition{{4}}.check(5).error().code == Errc::precondition_failed);
  CHECK(VersionCondition{std::vector<std::uint64_t>{}}.check(5).error().code == Errc::precondition_failed);

  const TokenState token = imported_token(legacy());
  const WorkspaceState workspace = workspace_of();
  const VersionCondition stale{{9}};
  CHECK(check_expected({&token, &workspace, rights(kAlice, Role::member)}, stale).error().code ==
        Errc::precondition_failed);
  CHECK(check_expected({&token, &workspace, rights(kAlice, Role::member)}, VersionCondition{{1}}).has_value());
  CHECK(check_expected({&token, &workspace, rights(kBob, Role::member)}, stale).has_value());
  CHECK(check_expected({nullptr, &workspace, rights(kBob, Role::admin)}, stale).has_value());
}

TEST_CASE("import outcomes: each has a name", "[core][token]") {
  CHECK(name_of(ImportOutcome::imported) == std::string{"imported"});
  CHECK(name_of(ImportOutcome::already_imported) == std::string{"already_imported"});
  CHECK(name_of(ImportOutcome::hash_in_use) == std::string{"hash_in_use"});
  CHECK(name_of(ImportOutcome::unknown_owner) == std::string{"unknown_owner"});
  CHECK(name_of(ImportOutcome::invalid) == std::string{"invalid"});
}

}  // namespace tally::core::testing
