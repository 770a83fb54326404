#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

const std::vector<Past> kFreshOpaque{{0s, generated()}};
const std::vector<Past> kRefreshedOpaque{{0s, generated()}, {10s, refreshed(1)}};

Policy opaque() {
  Policy changed = policy();
  changed.access_token_format = AccessTokenFormat::opaque;
  return changed;
}

GenerateToken generate_opaque(std::optional<Digest> access_token_hash) {
  GenerateToken command;
  command.id = kToken;
  command.workspace = kWorkspace;
  command.name = "ci";
  command.lifetime_days = 30;
  command.secret_hash = hash_of(0);
  command.access_token = kAccess;
  command.access_token_hash = access_token_hash;
  return command;
}

TEST_CASE("opaque access: the hash is recorded where the policy asks for one", "[core][token]") {
  TokenGenerated first = generated();
  first.access_token_hash = hash_of(77);
  given_nothing().under(opaque()).when(generate_opaque(hash_of(77))).then({first});
  TokenRefreshed second = refreshed(1, kStart + 10s + 1h);
  second.access_token_hash = hash_of(78);
  given(kFreshOpaque).under(opaque()).with_drawn(hash_of(78)).at(10s).when_refreshed_with(0).then({second});
  TokenRefreshRetried again{1, scopes("read write"), kAccess, kStart + 20s + 1h};
  again.access_token_hash = hash_of(79);
  given(kRefreshedOpaque).under(opaque()).with_drawn(hash_of(79)).at(20s).when_refreshed_with(0).then({again});
}

TEST_CASE("opaque access: a drawn one is dropped where the policy has come to say jwt", "[core][token]") {
  given_nothing().when(generate_opaque(hash_of(77))).then({generated()});
  given(kFreshOpaque).with_drawn(hash_of(78)).at(10s).when_refreshed_with(0).then({refreshed(1, kStart + 10s + 1h)});
}

TEST_CASE("opaque access: where the policy has just come to ask for one, nothing happens", "[core][token]") {
  given_nothing().under(opaque()).when(generate_opaque(std::nullopt)).then_error(Errc::overloaded);
  given(kFreshOpaque).under(opaque()).at(10s).when_refreshed_with(0).then_error(Errc::overloaded);
  given(kRefreshedOpaque).under(opaque()).at(20s).when_refreshed_with(0).then_error(Errc::overloaded);
  // Reuse is recorded all the same: it needs no access token.
  given({{0s, generated()}, {10s, refreshed(1)}, {20s, refreshed(2)}})
      .under(opaque())
      .at(30s)
      .when_refreshed_with(0)
      .then_error(Errc::secret_reused, {},
                  {TokenReuseDetected{0, 2}, TokenDisabled{DisableCause::reuse_detected, AccessFate::revoke, ""}});
}

}  // namespace
}  // namespace tally::core::testing
