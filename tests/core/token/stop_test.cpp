#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

const std::vector<Past> kBeforeStop{{0s, generated()}};
const std::vector<Past> kDisabled{{0s, generated()}, {10s, disabled()}};
const std::vector<Past> kDisabledWithAccess{{0s, generated()}, {10s, disabled(AccessFate::revoke)}};
const std::vector<Past> kDeleted{{0s, generated()}, {10s, deleted()}};

/// `payload` empty: no event.
void check_stop(const StopDecision& decision, BulkOutcome outcome, std::optional<EventPayload> payload,
                std::uint64_t version) {
  CHECK(name_of(decision.outcome) == std::string{name_of(outcome)});
  REQUIRE(decision.event.has_value() == payload.has_value());
  if (!payload.has_value()) return;
  CHECK(decision.event->payload == *payload);
  CHECK(decision.event->subject == subject_of(kToken));
  CHECK(decision.event->workspace == kWorkspace);
  CHECK(decision.event->subject_version == version);
}

TEST_CASE("disable: stops the refresh token; access tokens run out unless they are revoked", "[core][token]") {
  const AccessFate access = GENERATE(AccessFate::keep, AccessFate::revoke);
  check_stop(given(kBeforeStop).at(10s).when_disabled(access), BulkOutcome::disabled, disabled(access), 2);
  const TokenStory after = given({{0s, generated()}, {10s, disabled(access)}}).at(11s);
  CHECK(after.status() == TokenStatus::disabled);
  CHECK(after.token().stopped_at == kStart + 10s);
  CHECK(after.token().stopped_by == Actor{ActorKind::user, kAlice.uuid()});
  CHECK(after.token().stop_cause == DisableCause::requested);
  CHECK(after.token().stop_reason == "leaked");
  CHECK(after.token().access_revoked_at.has_value() == (access == AccessFate::revoke));
  after.when_refreshed_with(0).then_error(Errc::token_disabled);
}

TEST_CASE("disable: again is no event, unless access tokens are now to be revoked", "[core][token]") {
  check_stop(given(kDisabled).at(11s).when_disabled(), BulkOutcome::already_disabled, {}, 0);
  const AccessRevoked all{AccessTokenId{}, kStart + 11s + 1h};
  check_stop(given(kDisabled).at(11s).when_disabled(AccessFate::revoke), BulkOutcome::already_disabled, all, 3);
  check_stop(given(kDisabledWithAccess).at(11s).when_disabled(AccessFate::revoke), BulkOutcome::already_disabled, {},
             0);
  check_stop(given({{0s, generated()}, {10s, disabled()}, {11s, all}}).at(12s).when_disabled(AccessFate::revoke),
             BulkOutcome::already_disabled, {}, 0);
  CHECK(given({{0s, generated()}, {10s, disabled()}, {11s, all}}).token().access_revoked_at == kStart + 11s);
}

TEST_CASE("disable: a token behind the cut-off is disabled already", "[core][token]") {
  const TokenStory story = given(kBeforeStop).cut_off(1s).at(10s);
  CHECK(story.status() == TokenStatus::disabled);
  check_stop(story.when_disabled(), BulkOutcome::already_disabled, {}, 0);
  check_stop(story.when_disabled(AccessFate::revoke), BulkOutcome::already_disabled,
             AccessRevoked{AccessTokenId{}, kStart + 10s + 1h}, 2);
}

TEST_CASE("disable: an expired token can be disabled, and is shown as such from then on", "[core][token]") {
  const Duration late = std::chrono::days{31};
  CHECK(given(kBeforeStop).at(late).status() == TokenStatus::expired);
  check_stop(given(kBeforeStop).at(late).when_disabled(), BulkOutcome::disabled, disabled(), 2);
  CHECK(given({{0s, generated()}, {late, disabled()}}).at(late).status() == TokenStatus::disabled);
}

TEST_CASE("delete: from every status but deleted", "[core][token]") {
  const AccessFate access = GENERATE(AccessFate::keep, AccessFate::revoke);
  check_stop(given(kBeforeStop).at(10s).when_deleted(access), BulkOutcome::deleted, deleted(access), 2);
  check_stop(given(kDisabled).at(11s).when_deleted(access), BulkOutcome::deleted, deleted(access), 3);
  check_stop(given(kBeforeStop).at(std::chrono::days{31}).when_deleted(access), BulkOutcome::deleted, deleted(access),
             2);
  check_stop(given(kBeforeStop).cut_off(1s).at(10s).when_deleted(access), BulkOutcome::deleted, deleted(access), 2);
  check_stop(given(kDeleted).at(11s).when_deleted(access), BulkOutcome::not_found, {}, 0);
  check_stop(given(kDeleted).at(11s).when_disabled(access), BulkOutcome::not_found, {}, 0);
  const TokenStory after = given({{0s, generated()}, {10s, deleted(access)}}).at(11s);
  CHECK(after.status() == TokenStatus::deleted);
  CHECK(after.token().stopped_at == kStart + 10s);
  CHECK(after.token().stop_reason == "leaked");
  CHECK(after.token().access_revoked_at.has_value() == (access == AccessFate::revoke));
}

TEST_CASE("delete: who disabled the token first, when and why is kept", "[core][token]") {
  const std::vector<Past> history{
      {0s, generated()}, {10s, TokenDisabled{DisableCause::offboarding, AccessFate::revoke, "left"}}, {20s, deleted()}};
  const TokenState token = replay(history);
  CHECK(token.mark == TokenMark::deleted);
  CHECK(token.stopped_at == kStart + 10s);
  CHECK(token.stop_cause == DisableCause::offboarding);
  CHECK(token.stop_reason == "left");
  CHECK(token.access_revoked_at == kStart + 10s);
}

TEST_CASE("stop: who may stop whose token", "[core][token]") {
  const auto [caller, outcome] = GENERATE(table<CallerRights, BulkOutcome>({
      {rights(kAlice, Role::member), BulkOutcome::disabled},
      {rights(kAlice, Role::admin), BulkOutcome::disabled},
      {rights(kBob, Role::admin), BulkOutcome::disabled},
      {rights(kBob, Role::member), BulkOutcome::not_found},
      {rights(kBob, Role::auditor), BulkOutcome::forbidden},
      {rights(kAlice, Role::auditor), BulkOutcome::forbidden},
      {rights(kAlice, std::nullopt), BulkOutcome::not_found},
      {the_operator(), BulkOutcome::not_found},
      {CallerRights{kAlice, Role::admin, false, false}, BulkOutcome::not_found},
  }));
  const bool may = outcome == BulkOutcome::disabled;
  const TokenStory story = given(kBeforeStop).by(caller).at(10s);
  check_stop(story.when_disabled(), outcome, may ? std::optional<EventPayload>{disabled()} : std::nullopt, 2);
  check_stop(story.when_deleted(), may ? BulkOutcome::deleted : outcome,
             may ? std::optional<EventPayload>{deleted()} : std::nullopt, 2);
  CHECK(may_see(story.token(), caller) == (outcome != BulkOutcome::not_found));
}

TEST_CASE("stop: what does not exist, or not here, is not found", "[core][token]") {
  check_stop(given_nothing().by(rights(kBob, Role::admin)).when_disabled(), BulkOutcome::not_found, {}, 0);
  check_stop(given_nothing().by(rights(kBob, Role::admin)).when_deleted(), BulkOutcome::not_found, {}, 0);
  WorkspaceState other = workspace();
  other.id = kOtherWorkspace;
  const TokenState token = replay(kBeforeStop);
  const StopSituation foreign{&token, &other, rights(kAlice, Role::admin)};
  check_stop(decide_disable(foreign, context_at(kStart), AccessFate::keep, ""), BulkOutcome::not_found, {}, 0);
  check_stop(decide_delete(foreign, context_at(kStart), AccessFate::keep, ""), BulkOutcome::not_found, {}, 0);
}

TEST_CASE("offboarding: stops what is not stopped yet, in the name of its cause", "[core][token]") {
  const auto event = stop_event(replay(kBeforeStop), DisableCause::offboarding, AccessFate::keep, "left");
  REQUIRE(event.has_value());
  CHECK(event->payload == EventPayload{TokenDisabled{DisableCause::offboarding, AccessFate::keep, "left"}});
  CHECK(event->subject_version == 2);
  CHECK_FALSE(stop_event(replay(kDisabled), DisableCause::offboarding, AccessFate::revoke, "").has_value());
  CHECK_FALSE(stop_event(replay(kDeleted), DisableCause::offboarding, AccessFate::revoke, "").has_value());
}

TEST_CASE("revoke: a refresh token takes its family and its access tokens with it", "[core][token]") {
  const TokenDisabled revoked{DisableCause::revoked, AccessFate::revoke, ""};
  given(kBeforeStop).at(10s).when_revoked_with(0).then({revoked});
  // A spent secret too: its holder held the family once, and stopping it harms nobody but a thief.
  given({{0s, generated()}, {10s, refreshed(1)}}).at(11s).when_revoked_with(0).then({revoked});
}

TEST_CASE("revoke: of what is stopped, kills the access tokens that it left", "[core][token]") {
  const AccessRevoked all{AccessTokenId{}, kStart + 11s + 1h};
  given(kDisabled).at(11s).when_revoked_with(0).then({all});
  given(kDeleted).at(11s).when_revoked_with(0).then({all});
  given(kDisabledWithAccess).at(11s).when_revoked_with(0).then({});
}

TEST_CASE("revoke: nothing to do is success, and no event", "[core][token]") {
  given_nothing().when_revoked_with(0).then({});
  given(kBeforeStop).when_revoked_with(0, kOtherWorkspace).then({});
  given(kBeforeStop).at(std::chrono::days{30}).when_revoked_with(0).then({});
}

TEST_CASE("revoke: one access token, and the family lives on", "[core][token]") {
  const RevokeAccessToken command{kWorkspace, kToken, kAccess, kStart + 1h};
  given(kBeforeStop).at(10s).when(command).then({AccessRevoked{kAccess, kStart + 1h}});
  given(kDisabled).at(11s).when(command).then({AccessRevoked{kAccess, kStart + 1h}});
  const std::vector<Past> after{{0s, generated()}, {10s, AccessRevoked{kAccess, kStart + 1h}}};
  CHECK(given(after).token().has_revoked_access_tokens);
  CHECK_FALSE(given(after).token().access_revoked_at.has_value());
  given(after).at(11s).when_refreshed_with(0).then({refreshed(1, kStart + 11s + 1h)});

  given_nothing().when(command).then({});
  given(kBeforeStop).at(1h).when(command).then({});
  given(kDisabledWithAccess).at(11s).when(command).then({});
  RevokeAccessToken foreign = command;
  foreign.client = kOtherWorkspace;
  given(kBeforeStop).at(10s).when(foreign).then({});
}

TEST_CASE("status: deleted before disabled before expired before active", "[core][token]") {
  const Duration late = std::chrono::days{31};
  CHECK(given(kBeforeStop).status() == TokenStatus::active);
  CHECK(given(kBeforeStop).at(late).status() == TokenStatus::expired);
  CHECK(given(kBeforeStop).cut_off(1us).at(late).status() == TokenStatus::disabled);
  CHECK(given(kBeforeStop).cut_off(0s).status() == TokenStatus::active);
  CHECK(given(kDisabled).at(late).status() == TokenStatus::disabled);
  CHECK(given(kDeleted).cut_off(1us).at(late).status() == TokenStatus::deleted);
  CHECK(name_of(TokenStatus::expired) == std::string{"expired"});
  CHECK(name_of(DisableCause::reuse_detected) == std::string{"reuse_detected"});
  CHECK(name_of(TokenKind::legacy) == std::string{"legacy"});
  CHECK(name_of(AccessFate::revoke) == std::string{"revoke"});
}

}  // namespace
}  // namespace tally::core::testing
