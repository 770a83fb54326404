#include <catch2/catch.hpp>

#include "projections/commands/usage.hpp"
#include "tests/http/oauth/oauth_world.hpp"
#include "tests/http/oauth/token_forge.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

std::vector<std::string> members_of(const Reply& reply) {
  std::vector<std::string> members;
  const boost::json::value answer = reply.json();
  for (const auto& member : answer.as_object()) members.emplace_back(member.key());
  return members;
}

}  // namespace

TEST_CASE("introspection: a live access token is told of in full", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply = world.introspect(world.red, granted.access_token);
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/json");
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(members_of(reply) == std::vector<std::string>{"active", "iss", "sub", "aud", "client_id", "scope", "exp", "iat",
                                                      "jti", "token_type", "tally_workspace", "tally_token",
                                                      "username"});
  const auto claims = world.access_tokens.verify(granted.access_token, world.now);
  CHECK(reply.json().at("active").as_bool());
  CHECK(reply.text("iss") == HttpFixture::kIssuer);
  CHECK(reply.text("sub") == world.red.admin.str());
  CHECK(reply.text("aud") == std::string{HttpFixture::kIssuer} + "/w/" + world.red.workspace.str());
  CHECK(reply.text("client_id") == world.red.workspace.str());
  CHECK(reply.text("scope") == "files.read files.write");
  CHECK(reply.number("exp") == core::seconds_of(world.now) + 3'600);
  CHECK(reply.number("iat") == core::seconds_of(world.now));
  CHECK(reply.text("jti") == claims->id.str());
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(reply.text("tally_workspace") == world.red.workspace.str());
  CHECK(reply.text("tally_token") == granted.id.str());
  CHECK(reply.text("username") == "red-admin");
}

TEST_CASE("introspection: the current refresh token is alive, its predecessor is not", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red, 30);
  world.now += std::chrono::seconds{7};
  const Reply refreshed = world.refresh(world.red.client_id(), granted.refresh_token);
  const Reply reply = world.introspect(world.red, refreshed.text("refresh_token"));
  CHECK(reply.json().at("active").as_bool());
  CHECK(reply.text("token_type") == "refresh_token");
  CHECK(reply.text("client_id") == world.red.client_id());
  CHECK(reply.text("sub") == world.red.admin.str());
  CHECK(reply.text("username") == "red-admin");
  CHECK(reply.number("iat") == core::seconds_of(world.now));
  CHECK(reply.number("exp") == core::seconds_of(world.now) - 7 + 30 * 86'400);
  CHECK(world.introspect(world.red, granted.refresh_token).body == kInactive);
}

TEST_CASE("introspection: what is foreign or unknown is inactive, and nothing more", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted foreign = world.grant(world.blue);
  const std::string unknown{core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random).reveal()};
  const auto token = GENERATE_REF(values<std::string>({foreign.access_token, foreign.refresh_token, unknown, "garbage",
                                                       "tlr_", "a.b.c", world.red.resource_server_secret}));
  const Reply reply = world.introspect(world.red, token);
  CHECK(reply.status == 200);
  CHECK(reply.body == kInactive);
  CHECK(world.introspect(world.blue, foreign.access_token).json().at("active").as_bool());
}

TEST_CASE("introspection: disabling stops the refresh token at once, and access tokens if so asked",
          "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const auto access = GENERATE(core::AccessFate::keep, core::AccessFate::revoke);
  world.disable(world.red, granted.id, access);
  CHECK(world.introspect(world.red, granted.refresh_token).body == kInactive);
  const bool is_alive = world.introspect(world.red, granted.access_token).json().at("active").as_bool();
  CHECK(is_alive == (access == core::AccessFate::keep));
  world.now += std::chrono::hours{1};
  CHECK(world.introspect(world.red, granted.access_token).body == kInactive);
}

TEST_CASE("introspection: only a resource server that is still there is told anything", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string id = world.red.resource_server.str();
  const std::string& secret = world.red.resource_server_secret;
  const auto authorization = GENERATE_REF(values<std::string>({
      "",
      "Basic",
      "Basic ",
      "Basic !!!!",
      "Basic " + base64(id),
      "Basic " + base64(id + secret),
      "Basic " + base64(":" + secret),
      "Basic " + base64(id + ":"),
      "Basic " + base64(id + ":" + secret) + "=",
      "Basic " + base64(id + ":" + secret + "x"),
      "Basic " + base64(" " + id + ":" + secret),
      "Basic " + base64(id + ":%zz" + secret),
      "Basic" + base64(id + ":" + secret),
      "Bearer " + base64(id + ":" + secret),
      basic(world.blue.resource_server.str(), secret),
      basic(id, world.blue.resource_server_secret),
      basic(id, granted.refresh_token),
      basic(world.red.client_id(), secret),
  }));
  CAPTURE(authorization);
  Headers headers;
  if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
  const Reply reply = world.post_form("/oauth2/introspect", "token=" + granted.access_token, headers);
  CHECK(reply.status == 401);
  CHECK(reply.text("error") == "invalid_client");
  CHECK(reply.header("WWW-Authenticate").value_or("").starts_with("Basic "));
  CHECK(reply.body.find(secret) == std::string::npos);
}

TEST_CASE("introspection: credentials may be encoded as in a form, and the scheme has no case",
          "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  std::string encoded_id = world.red.resource_server.str();
  encoded_id.replace(2, 1, "%5F");  // the underscore
  const std::string authorization = "bAsIc " + base64(encoded_id + ":" + world.red.resource_server_secret);
  const Reply reply =
      world.post_form("/oauth2/introspect", "token=" + granted.access_token, {{"Authorization", authorization}});
  CHECK(reply.status == 200);
  CHECK(reply.json().at("active").as_bool());
}

TEST_CASE("introspection: a removed resource server is refused from then on", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  CHECK(world.introspect(world.red, granted.access_token).status == 200);
  world.remove_resource_server(world.red);
  CHECK(world.introspect(world.red, granted.access_token).status == 401);
}

TEST_CASE("introspection: a damaged form is refused", "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Headers headers{{"Authorization", basic(world.red.resource_server.str(), world.red.resource_server_secret)}};
  const std::string token = "token=" + granted.access_token;
  const auto body = GENERATE_REF(
      values<std::string>({"", "token=", token + "&" + token, token + "&token_type_hint=a&token_type_hint=b",
                           token + "%", token + "&x=%fe"}));
  const Reply reply = world.post_form("/oauth2/introspect", body, headers);
  CHECK(reply.status == 400);
  CHECK(reply.text("error") == "invalid_request");
}

TEST_CASE("introspection: is a use of the token, once it is written", "[http][oauth][introspect][usage]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.now += std::chrono::minutes{3};
  world.introspect(world.red, granted.access_token);
  const auto used_at = [&] { return (*world.tokens.find(world.red.workspace, granted.id, world.now))->last_used_at; };
  REQUIRE_FALSE(used_at().has_value());
  world.usage.flush(world.now);
  world.run(world.as_system(), projections::RecordUsage{});  // the writer has come past the flush
  CHECK(used_at() == std::optional<core::Timestamp>{world.now});
}

TEST_CASE("introspection: whoever accepts it gets a signed answer, which is for them alone",
          "[http][oauth][introspect]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string caller = basic(world.red.resource_server.str(), world.red.resource_server_secret);
  const auto ask = [&](const std::string& token, const std::string& accept) {
    return world.post_form("/oauth2/introspect", "token=" + token, {{"Authorization", caller}, {"Accept", accept}});
  };
  const Reply plain = world.introspect(world.red, granted.access_token);
  const Reply reply = ask(granted.access_token, "application/token-introspection+jwt");
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/token-introspection+jwt");
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(part_of(reply.body, 0).find(R"({"alg":"EdDSA","typ":"token-introspection+jwt","kid":")") == 0);
  CHECK(part_of(reply.body, 1) == R"({"iss":"https://tally.example","aud":")" + world.red.resource_server.str() +
                                      R"(","iat":)" + std::to_string(core::seconds_of(world.now)) +
                                      R"(,"token_introspection":)" + plain.body + "}");
  // It is no access token, whoever presents it.
  CHECK(world.introspect(world.red, reply.body).body == kInactive);
  CHECK(world.access_tokens.verify(reply.body, world.now).has_error());

  const Reply dead = ask("nonsense", "application/token-introspection+jwt");
  CHECK(part_of(dead.body, 1).find(R"("token_introspection":{"active":false}})") != std::string::npos);
  CHECK(ask(granted.access_token, "*/*").body == plain.body);
  CHECK(ask(granted.access_token, "application/json").body == plain.body);
}
