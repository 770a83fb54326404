#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

const std::vector<Past> kFresh{{0s, generated()}};
const std::vector<Past> kRefreshedOnce{{0s, generated()}, {10s, refreshed(1)}};
const std::vector<Past> kRefreshedTwice{{0s, generated()}, {10s, refreshed(1)}, {20s, refreshed(2)}};

TokenRefreshRetried retried(std::uint32_t generation, Timestamp access_expires_at) {
  return {generation, scopes("read write"), kAccess, access_expires_at};
}

/// What a spent secret of an active token leads to.
std::vector<EventPayload> reuse(std::uint32_t presented, std::uint32_t current) {
  return {TokenReuseDetected{presented, current}, TokenDisabled{DisableCause::reuse_detected, AccessFate::revoke, ""}};
}

Policy retry_window(int seconds) {
  Policy changed = policy();
  changed.refresh_retry_seconds = seconds;
  return changed;
}

TEST_CASE("refresh: rotates, and the family's expiry does not move", "[core][token]") {
  given(kFresh).at(10s).when_refreshed_with(0).then({refreshed(1, kStart + 10s + 1h)});
  const TokenState token = replay(kRefreshedOnce);
  CHECK(token.expires_at == kStart + std::chrono::days{30});
  CHECK(token.generation == 1);
  CHECK(token.secret_hash == hash_of(1));
  CHECK(token.last_refreshed_at == kStart + 10s);
  CHECK(token.refresh_count == 1);
  CHECK(token.version == 2);
  given(kRefreshedOnce).at(20s).when_refreshed_with(1).then({refreshed(2, kStart + 20s + 1h)});
}

TEST_CASE("refresh: the access token ends with its family at the latest", "[core][token]") {
  const Duration almost = std::chrono::days{30} - 1min;
  given(kFresh).at(almost).when_refreshed_with(0).then({refreshed(1, kStart + std::chrono::days{30})});
}

TEST_CASE("refresh: the policy of now sets the access token's life", "[core][token]") {
  Policy minutes = policy();
  minutes.access_token_seconds = 60;
  given(kFresh).under(minutes).at(10s).when_refreshed_with(0).then({refreshed(1, kStart + 70s)});
}

TEST_CASE("refresh: scope may be narrower for the access token, and never wider", "[core][token]") {
  TokenRefreshed narrow = refreshed(1);
  narrow.access_scope = scopes("read");
  given(kFresh).when_refreshed_with(0, scopes("read")).then({narrow});
  CHECK(replay({{0s, generated()}, {10s, narrow}}).scope == scopes("read write"));
  given({{0s, generated()}, {10s, narrow}}).when_refreshed_with(1).then({refreshed(2)});
  given(kFresh).when_refreshed_with(0, scopes("read admin")).then_error(Errc::scope_exceeded, "scope");
  // Not even if the workspace has come to allow it.
  given(kFresh).when_refreshed_with(0, scopes("tally:tokens.read")).then_error(Errc::scope_exceeded, "scope");
}

TEST_CASE("refresh: a client id may be left out where the endpoint implies the workspace", "[core][token]") {
  given(kFresh).when_refreshed_with(0, {}, std::nullopt).then({refreshed(1)});
}

TEST_CASE("refresh: an unknown secret and a legacy token are the same to the caller", "[core][token]") {
  given_nothing().when_refreshed_with(0).then_error(Errc::secret_unknown);
  given(kFresh).legacy().when_refreshed_with(0).then_error(Errc::secret_unknown);
  given(kFresh).legacy().when_refreshed_with(0, {}, kOtherWorkspace).then_error(Errc::secret_unknown);
}

TEST_CASE("refresh: a stopped token answers why, whatever secret comes, and records nothing", "[core][token]") {
  const auto [stop, errc] = GENERATE(table<EventPayload, Errc>({
      {disabled(), Errc::token_disabled},
      {deleted(), Errc::token_deleted},
  }));
  std::vector<Past> history = kRefreshedTwice;
  history.push_back({30s, stop});
  for (const std::uint32_t generation : {0u, 1u, 2u}) {
    given(history).at(31s).when_refreshed_with(generation).then_error(errc);
  }
  // A foreign client learns nothing, not even that.
  given(history).at(31s).when_refreshed_with(2, {}, kOtherWorkspace).then_error(Errc::wrong_workspace);
  // Expired as well: what was done to it goes before.
  given(history).at(std::chrono::days{40}).when_refreshed_with(2).then_error(errc);
}

TEST_CASE("refresh: expires at created + lifetime, to the microsecond, without an event", "[core][token]") {
  const Duration life = std::chrono::days{30};
  given(kFresh).at(life - 1us).when_refreshed_with(0).then({refreshed(1, kStart + life)});
  given(kFresh).at(life).when_refreshed_with(0).then_error(Errc::token_expired);
  given(kRefreshedTwice).at(life).when_refreshed_with(0).then_error(Errc::token_expired);
}

TEST_CASE("refresh: the workspace's cut-off counts as disabled", "[core][token]") {
  given(kFresh).cut_off(1us).when_refreshed_with(0).then_error(Errc::token_disabled);
  given(kFresh).cut_off(0s).when_refreshed_with(0).then({refreshed(1)});
  given(kRefreshedTwice).cut_off(1s).at(21s).when_refreshed_with(0).then_error(Errc::token_disabled);
}

TEST_CASE("refresh: a token whose owner is leaving is disabled already, and spends nothing", "[core][token]") {
  for (const std::uint32_t generation : {0u, 1u, 2u}) {
    given(kRefreshedTwice).ending().at(21s).when_refreshed_with(generation).then_error(Errc::token_disabled);
  }
  given({{0s, generated()}, {1s, deleted()}}).ending().at(2s).when_refreshed_with(0).then_error(Errc::token_deleted);
}

TEST_CASE("refresh: another workspace's client is told nothing and spends nothing", "[core][token]") {
  for (const std::uint32_t generation : {0u, 1u, 2u}) {
    given(kRefreshedTwice)
        .at(21s)
        .when_refreshed_with(generation, {}, kOtherWorkspace)
        .then_error(Errc::wrong_workspace);
  }
}

TEST_CASE("lost answer: the predecessor gets the same successor, with a fresh access token", "[core][token]") {
  given(kRefreshedOnce).at(11s).when_refreshed_with(0).then({retried(1, kStart + 11s + 1h)});
  given(kRefreshedOnce).at(10s).when_refreshed_with(0).then({retried(1, kStart + 10s + 1h)});
  given(kRefreshedTwice).at(21s).when_refreshed_with(1).then({retried(2, kStart + 21s + 1h)});
}

TEST_CASE("lost answer: again and again, but the window does not move", "[core][token]") {
  std::vector<Past> history = kRefreshedOnce;
  history.push_back({60s, retried(1, kStart + 60s + 1h)});
  given(history).at(70s).when_refreshed_with(0).then({retried(1, kStart + 70s + 1h)});
  given(history).at(70s + 1us).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
  const TokenState token = given(history).token();
  CHECK(token.refresh_count == 1);
  CHECK(token.last_refreshed_at == kStart + 10s);
  CHECK(token.secret_hash == hash_of(1));
  CHECK(token.version == 3);
}

TEST_CASE("lost answer: ten times, and what comes oftener is no reuse", "[core][token]") {
  std::vector<Past> history = kRefreshedOnce;
  for (std::uint32_t count = 0; count < limits::kRetriesPerSuccessorMax; ++count) {
    given(history).at(20s).when_refreshed_with(0).then({retried(1, kStart + 20s + 1h)});
    history.push_back({20s, retried(1, kStart + 20s + 1h)});
  }
  const TokenStory often = given(history);
  often.at(20s).when_refreshed_with(0).then_error(Errc::rate_limited);
  // Whatever else is wrong with the request: nothing is told of it.
  often.at(20s).when_refreshed_with(0, scopes("admin")).then_error(Errc::rate_limited);
  // The successor is good, and what comes of the window's end and of its use stays as it is.
  often.at(20s).when_refreshed_with(1).then({refreshed(2, kStart + 20s + 1h)});
  often.at(70s + 1us).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
  history.push_back({21s, refreshed(2)});
  given(history).at(22s).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 2));
  // A rotation begins anew.
  given(history).at(22s).when_refreshed_with(1).then({retried(2, kStart + 22s + 1h)});
}

TEST_CASE("lost answer: whoever came too often is told to come back before the window closes", "[core][token]") {
  const TokenState token = replay(kRefreshedOnce);
  const auto pause_at = [&](Duration after) { return retry_pause(token, policy(), kStart + after); };
  CHECK(pause_at(10s) == limits::kRetryPause);
  CHECK(pause_at(65s) == 5s);
  CHECK(pause_at(69s + 500ms) == 1s);
  CHECK(pause_at(71s) == 1s);
}

TEST_CASE("lost answer: one from elsewhere is marked", "[core][token]") {
  const Origin home{"r1", "t1", "192.0.2.1", "curl/8"};
  const Origin later{"r2", "t2", "192.0.2.1", "curl/8"};
  const auto [next, is_elsewhere] = GENERATE_COPY(table<Origin, bool>({
      {later, false},
      {{"r1", "t1", "192.0.2.2", "curl/8"}, true},
      {{"r1", "t1", "192.0.2.1", "curl/9"}, true},
      {{"r1", "t1", "192.0.2.1c", "url/8"}, true},
      {{"r1", "t1", "", ""}, true},
  }));
  TokenRefreshRetried expected = retried(1, kStart + 11s + 1h);
  expected.from_elsewhere = is_elsewhere;
  given(kRefreshedOnce).coming_from(home, next).at(11s).when_refreshed_with(0).then({expected});
  // Of a refresh before that was kept, nothing is said.
  given(kRefreshedOnce).at(11s).when_refreshed_with(0).then({retried(1, kStart + 11s + 1h)});
}

TEST_CASE("lost answer: scope may be narrower, never wider; wider is no reuse", "[core][token]") {
  TokenRefreshRetried narrow = retried(1, kStart + 11s + 1h);
  narrow.access_scope = scopes("write");
  given(kRefreshedOnce).at(11s).when_refreshed_with(0, scopes("write")).then({narrow});
  given(kRefreshedOnce).at(11s).when_refreshed_with(0, scopes("admin")).then_error(Errc::scope_exceeded, "scope");
}

TEST_CASE("lost answer: a window that was opened ahead is none", "[core][token]") {
  const std::vector<Past> ahead{{0s, generated()}, {80s, refreshed(1)}};
  const TokenRefreshRetried again = retried(1, kStart + 20s + 1h);
  given(ahead).at(20s).when_refreshed_with(0).then({again});
  given(ahead).at(20s - 1us).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
}

TEST_CASE("refresh: a family that came to be ahead is stopped as long as it is", "[core][token]") {
  const std::vector<Past> ahead{{80s, generated()}};
  given(ahead).at(20s - 1us).when_refreshed_with(0).then_error(Errc::token_disabled);
  const TokenState token = given(ahead).token();
  CHECK(status_at(token, kStart + 20s, {}) == TokenStatus::active);
  CHECK(status_at(token, kStart + 20s - 1us, {}) == TokenStatus::disabled);
}

TEST_CASE("lost answer: the policy's window, to the microsecond", "[core][token]") {
  given(kRefreshedOnce).under(retry_window(5)).at(15s).when_refreshed_with(0).then({retried(1, kStart + 15s + 1h)});
  given(kRefreshedOnce)
      .under(retry_window(5))
      .at(15s + 1us)
      .when_refreshed_with(0)
      .then_error(Errc::secret_reused, "", reuse(0, 1));
  // Whoever has nothing to prove has an hour of it.
  const TokenStory unbound = given(kRefreshedOnce).under(retry_window(86'400));
  unbound.at(10s + 1h).when_refreshed_with(0).then({retried(1, kStart + 10s + 2h)});
  unbound.at(10s + 1h + 1us).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
  const std::vector<Past> of_a_key{{0s, generated_bound(key(5))}, {10s, refreshed(1)}};
  const TokenStory bound = given(of_a_key).under(retry_window(86'400)).proving(key(5));
  bound.at(10s + 24h).when_refreshed_with(0).then({retried(1, kStart + 10s + 25h)});
  bound.at(10s + 24h + 1us).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
  given(kRefreshedOnce)
      .under(retry_window(0))
      .at(10s)
      .when_refreshed_with(0)
      .then_error(Errc::secret_reused, "", reuse(0, 1));
}

TEST_CASE("reuse: a spent secret in any other case disables its family and is recorded", "[core][token]") {
  // The successor was used.
  given(kRefreshedTwice).at(21s).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 2));
  // The window closed.
  given(kRefreshedOnce).at(10s + 61s).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse(0, 1));
  // The sealed successor is no longer kept: it can not be given again.
  given(kRefreshedOnce)
      .successor_forgotten()
      .at(11s)
      .when_refreshed_with(0)
      .then_error(Errc::secret_reused, "", reuse(0, 1));
}

TEST_CASE("reuse: once; replays of a stopped family's secrets record nothing", "[core][token]") {
  std::vector<Past> history = kRefreshedTwice;
  for (const EventPayload& payload : reuse(0, 2)) history.push_back({30s, payload});
  const TokenStory story = given(history).at(31s);
  for (const std::uint32_t generation : {0u, 1u, 2u}) {
    story.when_refreshed_with(generation).then_error(Errc::token_disabled);
  }
  CHECK(story.token().mark == TokenMark::disabled);
  CHECK(story.token().stop_cause == DisableCause::reuse_detected);
  CHECK(story.token().stopped_at == kStart + 30s);
  CHECK(story.token().access_revoked_at == kStart + 30s);
  CHECK(story.token().version == 5);
}

}  // namespace
}  // namespace tally::core::testing
