#include <catch2/catch.hpp>

#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

bool is_active(OAuthWorld& world, const std::string& token) {
  return world.introspect(world.red, token).json().at("active").as_bool();
}

}  // namespace

TEST_CASE("revocation: a refresh token takes its family and all access tokens along", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Granted bystander = world.grant(world.red);
  const Reply refreshed = world.refresh(world.red.client_id(), granted.refresh_token);
  const Reply reply = world.revoke(world.red.client_id(), refreshed.text("refresh_token"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "{}");
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK_FALSE(is_active(world, granted.access_token));
  CHECK_FALSE(is_active(world, refreshed.text("access_token")));
  CHECK_FALSE(is_active(world, refreshed.text("refresh_token")));
  CHECK(world.refresh(world.red.client_id(), refreshed.text("refresh_token")).text("error") == "invalid_grant");
  CHECK(is_active(world, bystander.access_token));
}

TEST_CASE("revocation: an access token takes nothing along", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Reply refreshed = world.refresh(world.red.client_id(), granted.refresh_token);
  const auto size_before = world.sequencer().durable_size();
  CHECK(world.revoke(world.red.client_id(), granted.access_token).status == 200);
  CHECK_FALSE(is_active(world, granted.access_token));
  CHECK(is_active(world, refreshed.text("access_token")));
  CHECK(world.refresh(world.red.client_id(), refreshed.text("refresh_token")).status == 200);
  // Once is an event, twice is still one.
  CHECK(world.sequencer().durable_size() == size_before + 2);
  CHECK(world.revoke(world.red.client_id(), granted.access_token).status == 200);
  CHECK(world.sequencer().durable_size() == size_before + 2);
}

TEST_CASE("revocation: what is unknown, dead or foreign is answered 200 and changes nothing", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Granted foreign = world.grant(world.blue);
  const std::string unknown{core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random).reveal()};
  const auto size_before = world.sequencer().durable_size();
  const auto token = GENERATE_REF(values<std::string>(
      {"garbage", "a.b.c", unknown, foreign.refresh_token, foreign.access_token, world.red.resource_server_secret}));
  const Reply reply = world.revoke(world.red.client_id(), token);
  CHECK(reply.status == 200);
  CHECK(reply.body == "{}");
  CHECK(world.sequencer().durable_size() == size_before);
  CHECK(world.refresh(world.blue.client_id(), foreign.refresh_token).status == 200);
}

TEST_CASE("revocation: the hint is only a hint", "[http][oauth][revoke]") {
  OAuthWorld world;
  const auto hint = GENERATE(values<std::string>({"access_token", "refresh_token", "pigeon", ""}));
  const Granted granted = world.grant(world.red);
  const std::string client = "client_id=" + world.red.client_id() + "&token_type_hint=" + hint;
  CHECK(world.post_form("/oauth2/revoke", client + "&token=" + granted.refresh_token).status == 200);
  CHECK_FALSE(is_active(world, granted.refresh_token));
}

TEST_CASE("revocation: each refusal has its error", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string client = "client_id=" + world.red.client_id();
  const std::string token = "&token=" + granted.refresh_token;
  const auto [body, status, error] = GENERATE_REF(table<std::string, unsigned, std::string>({
      {"", 400, "invalid_request"},
      {client, 400, "invalid_request"},
      {token, 400, "invalid_request"},
      {client + token + token, 400, "invalid_request"},
      {client + "&" + client + token, 400, "invalid_request"},
      {client + token + "&token_type_hint=a&token_type_hint=b", 400, "invalid_request"},
      {"client_id=nobody" + token, 401, "invalid_client"},
      {"client_id=ws_00000000000000000000000000" + token, 401, "invalid_client"},
  }));
  CAPTURE(body);
  const Reply reply = world.post_form("/oauth2/revoke", body);
  CHECK(reply.status == status);
  CHECK(reply.text("error") == error);
  CHECK(is_active(world, granted.refresh_token));
}

TEST_CASE("revocation: a token that is not revoked durably is not answered 200", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.sequencer().stop();
  for (const std::string& token : {granted.refresh_token, granted.access_token}) {
    const Reply reply = world.revoke(world.red.client_id(), token);
    CHECK(reply.status == 503);
    CHECK(reply.header("Retry-After").has_value());
  }
}

TEST_CASE("revocation: a client may name itself by HTTP Basic with an empty secret", "[http][oauth][revoke]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string red = world.red.client_id();
  const auto revoke_as = [&](const std::string& field) {
    return world.post_form("/oauth2/revoke", "token=" + granted.refresh_token, {{"Authorization", field}});
  };
  CHECK(revoke_as(basic(red, "secret")).text("error") == "invalid_client");
  CHECK(is_active(world, granted.access_token));
  CHECK(revoke_as(basic(red, "")).status == 200);
  CHECK_FALSE(is_active(world, granted.access_token));
}
