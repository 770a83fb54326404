#include <catch2/catch.hpp>

#include "core/identity/person_commands.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

std::vector<core::CommandDenied> denials_of(OAuthWorld& world, const Tenant& tenant) {
  world.run(world.as(tenant.admin), core::SignOut{});  // comes after the events that nobody waits for
  projections::AuditFilter filter;
  filter.workspace = tenant.workspace;
  filter.types = {core::EventType::command_denied};
  std::vector<core::CommandDenied> denials;
  for (const core::Event& event : value_of(world.audit.list(filter, std::nullopt, 100)).items) {
    denials.push_back(std::get<core::CommandDenied>(event.payload));
  }
  return denials;
}

}  // namespace

TEST_CASE("limits: a client's refreshes are limited, but a dead refresh token is told so all the same",
          "[http][oauth][limits]") {
  OAuthWorld world{1, {0, 2, 0}};
  const Granted alive = world.grant(world.red);
  const Granted disabled = world.grant(world.red);
  world.disable(world.red, disabled.id, core::AccessFate::keep);
  const std::string second = world.refresh(world.red.client_id(), alive.refresh_token).text("refresh_token");
  const std::string third = world.refresh(world.red.client_id(), second).text("refresh_token");
  const Reply refused = world.refresh(world.red.client_id(), third);
  CHECK(refused.status == 429);
  CHECK(refused.text("error") == "temporarily_unavailable");
  CHECK(refused.header("Retry-After") == "30");
  CHECK(refused.header("RateLimit") == "\"caller\";r=0;t=60");
  CHECK(refused.header("Cache-Control") == "no-store");
  for (const std::string& dead : {disabled.refresh_token, std::string{"tlr_nonsense"}}) {
    const Reply reply = world.refresh(world.red.client_id(), dead);
    CHECK(reply.status == 400);
    CHECK(reply.text("error") == "invalid_grant");
  }
  CHECK(world.refresh(world.blue.client_id(), world.grant(world.blue).refresh_token).status == 200);
  // The limit has spent nothing: a minute later the same refresh token is good. And a spent one is a thief's, limit or
  // not.
  world.now += std::chrono::seconds{60};
  CHECK(world.refresh(world.red.client_id(), third).status == 200);
  CHECK(world.refresh(world.red.client_id(), alive.refresh_token).status == 400);
}

TEST_CASE("limits: the address is limited at /oauth2/token only for living tokens, in OAuth's words elsewhere",
          "[http][oauth][limits]") {
  OAuthWorld world{1, {1, 0, 0}};
  const Granted granted = world.grant(world.red);
  const Reply introspected = world.introspect(world.red, granted.access_token);
  CHECK(introspected.header("RateLimit-Policy") == "\"address\";q=1;w=60");
  const Reply refused = world.introspect(world.red, granted.access_token);
  CHECK(refused.status == 429);
  CHECK(refused.text("error") == "temporarily_unavailable");
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).status == 429);
  CHECK(world.refresh(world.red.client_id(), "tlr_nonsense").status == 400);
}

TEST_CASE("limits: lost answers and exchanges are asked as every grant is", "[http][oauth][limits]") {
  const bool by_address = GENERATE(true, false);
  OAuthWorld world{1, {by_address ? 2u : 0u, by_address ? 0u : 2u, 0}};
  const Granted granted = world.grant(world.red);
  const auto exchange = [&] {
    return world.post_form("/oauth2/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" +
                                                world.red.client_id() + "&subject_token=" + granted.access_token +
                                                "&subject_token_type=urn:ietf:params:oauth:token-type:access_token");
  };
  const auto refresh = [&] { return world.refresh(world.red.client_id(), granted.refresh_token); };
  CHECK(refresh().status == 200);
  CHECK((GENERATE(true, false) ? refresh() : exchange()).status == 200);
  const auto size = world.sequencer().durable_size();
  for (const Reply& refused : {refresh(), exchange()}) {
    CHECK(refused.status == 429);
    CHECK(refused.text("error") == "temporarily_unavailable");
    CHECK(refused.header("Retry-After") == "30");
  }
  CHECK(world.sequencer().durable_size() == size);
  // Dead ones are told so.
  world.disable(world.red, granted.id, core::AccessFate::revoke);
  CHECK(refresh().text("error") == "invalid_grant");
  CHECK(exchange().text("error") == "invalid_request");
}

TEST_CASE("limits: the access tokens of one token are exchanged so often a minute", "[http][oauth][limits]") {
  OAuthWorld world{1, {0, 0, 0, 3}};
  const Granted granted = world.grant(world.red);
  const auto exchange = [&](const std::string& access_token) {
    return world.post_form("/oauth2/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" +
                                                world.red.client_id() + "&subject_token=" + access_token +
                                                "&subject_token_type=urn:ietf:params:oauth:token-type:access_token");
  };
  // Another access token of the same family is no other token.
  const Reply refreshed = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(exchange(granted.access_token).status == 200);
  CHECK(exchange(granted.access_token).status == 200);
  CHECK(exchange(refreshed.text("access_token")).status == 200);
  const Reply refused = exchange(refreshed.text("access_token"));
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "20");
  CHECK(refused.header("RateLimit-Policy") == "\"exchange\";q=3;w=60");
  CHECK(exchange(world.grant(world.red).access_token).status == 200);
  world.now += std::chrono::seconds{20};
  CHECK(exchange(granted.access_token).status == 200);
}

TEST_CASE("limits: a resource server is a caller", "[http][oauth][limits]") {
  OAuthWorld world{1, {0, 1, 0}};
  const Granted granted = world.grant(world.red);
  CHECK(world.introspect(world.red, granted.access_token).status == 200);
  CHECK(world.introspect(world.red, granted.access_token).status == 429);
  CHECK(world.introspect(world.blue, granted.access_token).status == 200);
}

TEST_CASE("denied: a dead refresh token stands in its workspace's audit, an unknown one nowhere",
          "[http][oauth][denied]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.disable(world.red, granted.id, core::AccessFate::keep);
  const auto counted = world.denied.counts().unknown_credentials;
  for (int count = 0; count < 5; ++count) world.refresh(world.red.client_id(), granted.refresh_token);
  const auto secret = core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random);
  world.refresh(world.red.client_id(), std::string{secret.reveal()});
  const auto denials = denials_of(world, world.red);
  REQUIRE(denials.size() == 1);
  CHECK(denials.front() == core::CommandDenied{"POST /oauth2/token", "token_disabled", granted.id, 1, world.now});
  CHECK(world.denied.counts().unknown_credentials == counted + 1);
  // Presented by another workspace's client, it stands in the audit of its own.
  world.refresh(world.blue.client_id(), granted.refresh_token);
  CHECK(denials_of(world, world.blue).empty());
  CHECK(denials_of(world, world.red).back().reason == "wrong_workspace");
}
