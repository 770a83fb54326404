#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

using Expected = std::optional<EventPayload>;

void check_event(const std::vector<Past>& history, Duration after, AccessFate access, const Expected& expected) {
  const TokenState token = replay(history);
  const auto event = offboarding_event(token, kStart + after, access);
  REQUIRE(event.has_value() == expected.has_value());
  if (event) CHECK(*event == NewEvent{kWorkspace, subject_of(kToken), token.version + 1, *expected});
}

const AccessRevoked kAllRevoked{AccessTokenId{}, kStart + 1h};

TEST_CASE("offboarding: an active token is disabled, with or without its access tokens", "[core][token]") {
  const auto access = GENERATE(AccessFate::keep, AccessFate::revoke);
  check_event({{0s, generated()}}, 1s, access, TokenDisabled{DisableCause::offboarding, access, ""});
  check_event({{0s, generated()}}, 30 * 24h, access, {});
}

TEST_CASE("offboarding: of a token that was stopped before, the access tokens that may live", "[core][token]") {
  const auto stop = GENERATE(as<EventPayload>{}, disabled(), deleted());
  const std::vector<Past> history{{0s, generated()}, {1s, stop}};
  check_event(history, 2s, AccessFate::keep, {});
  check_event(history, 1h - 1us, AccessFate::revoke, kAllRevoked);
  check_event(history, 1h, AccessFate::revoke, {});
}

TEST_CASE("offboarding: what was revoked before is not revoked again", "[core][token]") {
  check_event({{0s, generated()}, {1s, disabled(AccessFate::revoke)}}, 2s, AccessFate::revoke, {});
  check_event({{0s, generated()}, {1s, disabled()}, {2s, kAllRevoked}}, 3s, AccessFate::revoke, {});
}

}  // namespace
}  // namespace tally::core::testing
