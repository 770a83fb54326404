#include <set>

#include <catch2/catch.hpp>

#include "tests/http/oauth/oauth_world.hpp"

/// Rotation, lost answers and reuse, as a client meets them.
using namespace tally;
using namespace tally::testing;

namespace {

core::TokenState state_of(const OAuthWorld& world, const Granted& granted) {
  const auto view = world.tokens.find(world.red.workspace, granted.id, world.now);
  return (*view)->state;
}

}  // namespace

TEST_CASE("refresh: 200 at the same time with one token all get the same new refresh token, or are told to wait",
          "[http][oauth][refresh]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::vector<Call> calls(200, OAuthWorld::refresh_call(world.red.client_id(), granted.refresh_token));
  std::set<std::string> refresh_tokens;
  std::set<std::string> access_tokens;
  for (const Reply& reply : world.call_all(calls)) {
    if (reply.status == 429) {
      CHECK(reply.text("error") == "temporarily_unavailable");
      CHECK(reply.header("Retry-After"));
      continue;
    }
    REQUIRE(reply.status == 200);
    refresh_tokens.insert(reply.text("refresh_token"));
    access_tokens.insert(reply.text("access_token"));
    REQUIRE(world.introspect(world.red, reply.text("access_token")).text("tally_token") == granted.id.str());
  }
  CHECK(refresh_tokens.size() == 1);
  CHECK(access_tokens.size() == 1 + core::limits::kRetriesPerSuccessorMax);
  const core::TokenState state = state_of(world, granted);
  CHECK(state.mark == core::TokenMark::active);
  CHECK(state.generation == 1);
  CHECK(state.refresh_count == 1);
  CHECK(world.refresh(world.red.client_id(), *refresh_tokens.begin()).status == 200);
}

TEST_CASE("refresh: a lost answer can be asked for until the window's last moment", "[http][oauth][refresh]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Reply first = world.refresh(world.red.client_id(), granted.refresh_token);
  const auto [later, is_in_window] = GENERATE(table<core::Duration, bool>({
      {core::Duration{0}, true},
      {std::chrono::seconds{30}, true},
      {std::chrono::seconds{600}, true},
      {std::chrono::seconds{600} + core::Duration{1}, false},
  }));
  world.now += later;
  const Reply again = world.refresh(world.red.client_id(), granted.refresh_token, "&scope=files.read");
  CHECK(again.status == (is_in_window ? 200 : 400));
  if (is_in_window) {
    CHECK(again.text("refresh_token") == first.text("refresh_token"));
    CHECK(again.text("access_token") != first.text("access_token"));
    CHECK(again.text("scope") == "files.read");
    CHECK(again.number("refresh_token_expires_in") ==
          first.number("refresh_token_expires_in") - std::chrono::floor<std::chrono::seconds>(later).count());
  } else {
    CHECK(again.text("error") == "invalid_grant");
    CHECK(state_of(world, granted).stop_cause == core::DisableCause::reuse_detected);
    // The family is disabled: its newest refresh token is dead as well.
    CHECK(world.refresh(world.red.client_id(), first.text("refresh_token")).text("error") == "invalid_grant");
  }
}

TEST_CASE("refresh: a lost answer is told ten times; then 429, which disables nothing and is no event",
          "[http][oauth][refresh][limits]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string successor = world.refresh(world.red.client_id(), granted.refresh_token).text("refresh_token");
  for (std::uint32_t count = 0; count < core::limits::kRetriesPerSuccessorMax; ++count) {
    REQUIRE(world.refresh(world.red.client_id(), granted.refresh_token).text("refresh_token") == successor);
  }
  const auto size = world.sequencer().durable_size();
  world.now += std::chrono::seconds{590};
  const Reply refused = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(refused.status == 429);
  CHECK(refused.text("error") == "temporarily_unavailable");
  CHECK(refused.header("Retry-After") == "10");
  CHECK(refused.header("RateLimit-Policy") == "\"lost-answer\";q=10;w=600");
  const Reply beside = world.call(
      {http::Method::get, "/forward-auth?refresh=yes", {{"Tally-Refresh-Token", granted.refresh_token}}, {}});
  CHECK(beside.status == 429);
  CHECK(beside.header("Retry-After") == "10");
  CHECK(world.sequencer().durable_size() == size);
  CHECK(state_of(world, granted).mark == core::TokenMark::active);
  CHECK(world.refresh(world.red.client_id(), successor).status == 200);
}

TEST_CASE("refresh: whoever comes too often with what is dead is told so", "[http][oauth][refresh][limits]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.refresh(world.red.client_id(), granted.refresh_token);
  for (std::uint32_t count = 0; count < core::limits::kRetriesPerSuccessorMax; ++count) {
    world.refresh(world.red.client_id(), granted.refresh_token);
  }
  SECTION("disabled") { world.disable(world.red, granted.id, core::AccessFate::keep); }
  SECTION("the window has closed") { world.now += std::chrono::seconds{601}; }
  const Reply refused = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(refused.status == 400);
  CHECK(refused.text("error") == "invalid_grant");
}

TEST_CASE("refresh: a retry by another agent is marked in its event", "[http][oauth][refresh]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const auto present = [&](const char* agent) {
    Call call = OAuthWorld::refresh_call(world.red.client_id(), granted.refresh_token);
    call.headers.emplace_back("User-Agent", agent);
    REQUIRE(world.call(call).status == 200);
  };
  for (const char* agent : {"owner/1", "owner/1", "thief/1"}) present(agent);
  projections::AuditFilter filter;
  filter.workspace = world.red.workspace;
  filter.types = {core::EventType::token_refresh_retried};
  const auto events = value_of(world.audit.list(filter, std::nullopt, 10)).items;
  REQUIRE(events.size() == 2);
  CHECK_FALSE(std::get<core::TokenRefreshRetried>(events[0].payload).from_elsewhere);
  CHECK(std::get<core::TokenRefreshRetried>(events[1].payload).from_elsewhere);
}

TEST_CASE("refresh: once the successor was used, its predecessor is a stolen one", "[http][oauth][refresh]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Granted bystander = world.grant(world.red);
  const Reply first = world.refresh(world.red.client_id(), granted.refresh_token);
  const Reply second = world.refresh(world.red.client_id(), first.text("refresh_token"));
  REQUIRE(second.status == 200);
  const Reply reused = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(reused.status == 400);
  CHECK(reused.text("error") == "invalid_grant");
  CHECK(world.refresh(world.red.client_id(), second.text("refresh_token")).text("error") == "invalid_grant");
  CHECK(state_of(world, granted).mark == core::TokenMark::disabled);
  // Only that family: and with its access tokens, because a thief is known to be among its holders.
  CHECK(world.refresh(world.red.client_id(), bystander.refresh_token).status == 200);
  CHECK_FALSE(world.introspect(world.red, second.text("access_token")).json().at("active").as_bool());
  CHECK(world.introspect(world.red, bystander.access_token).json().at("active").as_bool());
}

TEST_CASE("refresh: without a window every second use is reuse", "[http][oauth][refresh]") {
  OAuthWorld world;
  core::Policy policy = world.policy_of(world.red);
  policy.refresh_retry_seconds = 0;
  world.set_policy(world.red, policy);
  const Granted granted = world.grant(world.red);
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).status == 200);
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).status == 400);
  CHECK(state_of(world, granted).mark == core::TokenMark::disabled);
}

TEST_CASE("refresh: a chain of rotations keeps one end, and the policy of the day", "[http][oauth][refresh]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red, 10);
  std::string refresh_token = granted.refresh_token;
  for (int step = 1; step <= 20; ++step) {
    world.now += std::chrono::hours{1};
    if (step == 10) {
      core::Policy policy = world.policy_of(world.red);
      policy.access_token_seconds = 300;
      world.set_policy(world.red, policy);
    }
    const Reply reply = world.refresh(world.red.client_id(), refresh_token);
    REQUIRE(reply.status == 200);
    CHECK(reply.number("refresh_token_expires_in") == 10 * 86'400 - step * 3'600);
    CHECK(reply.number("expires_in") == (step < 10 ? 3'600 : 300));
    refresh_token = reply.text("refresh_token");
  }
  CHECK(state_of(world, granted).refresh_count == 20);
}
