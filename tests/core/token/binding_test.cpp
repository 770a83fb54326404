#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

const Confirmation kKey = key(91);
const Confirmation kOtherKey = key(92);
const Confirmation kCertificate{ConfirmationMethod::x5t_s256, kKey.thumbprint};

std::vector<EventPayload> reuse_of_bound(std::uint32_t presented, std::uint32_t current) {
  return {TokenReuseDetected{presented, current}, TokenDisabled{DisableCause::reuse_detected, AccessFate::revoke, ""}};
}

TEST_CASE("binding: a token generated with a proof is bound from the start", "[core][token]") {
  GenerateToken command;
  command.id = kToken;
  command.workspace = kWorkspace;
  command.name = "ci";
  command.lifetime_days = 30;
  command.scope = scopes("read write");
  command.secret_hash = hash_of(0);
  command.access_token = kAccess;
  command.proven = kKey;
  given_nothing().when(command).then({generated_bound(kKey)});
  CHECK(replay({{0s, generated_bound(kKey)}}).confirmation == kKey);
  CHECK_FALSE(replay({{0s, generated()}}).confirmation.has_value());
}

TEST_CASE("binding: a bound family's secret is good with the proof of its key only, and is not spent without",
          "[core][token]") {
  const auto bound = given({{0s, generated_bound(kKey)}});
  bound.proving(kKey).when_refreshed_with(0).then({refreshed(1)});
  bound.when_refreshed_with(0).then_error(Errc::binding_failed);
  bound.proving(kOtherKey).when_refreshed_with(0).then_error(Errc::binding_failed);
  // The same digest of another kind of key is another key.
  bound.proving(kCertificate).when_refreshed_with(0).then_error(Errc::binding_failed);
}

TEST_CASE("binding: the first refresh with a proof binds, and no later one binds again", "[core][token]") {
  given({{0s, generated()}}).proving(kKey).when_refreshed_with(0).then({refreshed_binding(1, kKey)});
  const std::vector<Past> history{{0s, generated()}, {10s, refreshed_binding(1, kKey)}, {20s, refreshed(2)}};
  CHECK(replay(history).confirmation == kKey);
  given(history).proving(kKey).at(21s).when_refreshed_with(2).then({refreshed(3, kStart + 21s + 1h)});
  given(history).at(21s).when_refreshed_with(2).then_error(Errc::binding_failed);
}

TEST_CASE("binding: a lost answer is given again for the same proof only; any other is reuse", "[core][token]") {
  const std::vector<Past> history{{0s, generated()}, {10s, refreshed_binding(1, kKey)}};
  const TokenRefreshRetried retried{1, scopes("read write"), kAccess, kStart + 11s + 1h};
  given(history).proving(kKey).at(11s).when_refreshed_with(0).then({retried});
  // Whoever bound a stolen secret to their own key is found out by its owner.
  given(history).at(11s).when_refreshed_with(0).then_error(Errc::secret_reused, "", reuse_of_bound(0, 1));
  given(history).proving(kOtherKey).at(11s).when_refreshed_with(0).then_error(Errc::secret_reused, "",
                                                                              reuse_of_bound(0, 1));
}

TEST_CASE("binding: a retry binds nothing", "[core][token]") {
  const TokenRefreshRetried retried{1, scopes("read write"), kAccess, kStart + 11s + 1h};
  const std::vector<Past> history{{0s, generated()}, {10s, refreshed(1)}};
  given(history).proving(kKey).at(11s).when_refreshed_with(0).then({retried});
}

TEST_CASE("binding: without the proof, what a refusal says comes before the scope", "[core][token]") {
  given({{0s, generated_bound(kKey)}}).when_refreshed_with(0, scopes("admin")).then_error(Errc::binding_failed);
}

}  // namespace
}  // namespace tally::core::testing
