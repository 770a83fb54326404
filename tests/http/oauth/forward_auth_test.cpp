#include <catch2/catch.hpp>

#include "core/identity/person_commands.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;
using http::Method;

namespace {

struct ProxyWorld : OAuthWorld {
  Reply ask(const std::string& access_token, const std::string& query = {}, Method method = Method::get) {
    return call({method, "/forward-auth" + query, {{"Authorization", "Bearer " + access_token}}, ""});
  }
  Reply ask_beside(const std::string& refresh_token, Headers headers = {},
                   const std::string& target = "/forward-auth?refresh=yes") {
    headers.emplace_back("Tally-Refresh-Token", refresh_token);
    return call({Method::get, target, std::move(headers), ""});
  }
  void pass_an_hour() { now += std::chrono::hours{1}; }
};

bool hands_out_a_pair(const Reply& reply) {
  return reply.header("Tally-Access-Token") && reply.header("Tally-Refresh-Token");
}

}  // namespace

TEST_CASE("forward-auth: a live token passes, whatever the method, and says whose it is", "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const auto method =
      GENERATE(Method::get, Method::head, Method::post, Method::put, Method::delete_, Method::options, Method::other);
  const Reply reply = world.ask(granted.access_token, {}, method);
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(reply.header("Tally-Subject") == world.red.admin.str());
  CHECK(reply.header("Tally-Workspace") == world.red.workspace.str());
  CHECK(reply.header("Tally-Token") == granted.id.str());
  CHECK(reply.header("Tally-Scope") == "files.read files.write");
  CHECK(reply.header("Cache-Control") == "no-store");
}

TEST_CASE("forward-auth: what the proxy names as guarded is held against the token", "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const auto [query, status, challenge] = GENERATE_REF(table<std::string, unsigned, std::string>({
      {"?workspace=" + world.red.workspace.str(), 200, ""},
      {"?workspace=" + world.blue.workspace.str(), 401, R"(Bearer realm="tally", error="invalid_token")"},
      {"?scope=files.read", 200, ""},
      {"?scope=files.write%20files.read&workspace=" + world.red.workspace.str(), 200, ""},
      {"?scope=files.read%20tally:tokens.read", 403, R"(Bearer realm="tally", error="insufficient_scope")"},
      {"?workspace=nonsense", 400, ""},
      {"?workspace=", 400, ""},
      {"?scope=a%22b", 400, ""},
      {"?scope=files.read&scope=files.write", 400, ""},
      {"?audience=x", 400, ""},
      {"?refresh=perhaps", 400, ""},
      {"?scope=files.read&path=/orders?page=2", 200, ""},
      {"?path=/orders?a=1&b=2&a=%zz&name=%ff&scope=tally:tokens.read", 200, ""},
  }));
  INFO(query);
  const Reply reply = world.ask(granted.access_token, query);
  CHECK(reply.status == status);
  CHECK(reply.header("WWW-Authenticate").value_or("") == challenge);
  CHECK(reply.header("Tally-Subject").has_value() == (status == 200));
}

TEST_CASE("forward-auth: who brings no token is asked for one", "[http][oauth][forward]") {
  ProxyWorld world;
  const auto headers = GENERATE(Headers{}, Headers{{"Authorization", "Basic dTpw"}}, Headers{{"Cookie", "a=b"}});
  const Reply reply = world.call({Method::get, "/forward-auth", headers, ""});
  CHECK(reply.status == 401);
  CHECK(reply.header("WWW-Authenticate") == R"(Bearer realm="tally")");
}

TEST_CASE("forward-auth: a dead token does not pass", "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  std::string token = granted.access_token;
  const auto death = GENERATE(0, 1, 2, 3, 4);
  if (death == 0) world.disable(world.red, granted.id, core::AccessFate::revoke);
  if (death == 1) world.pass_an_hour();
  if (death == 2) token.back() = token.back() == 'A' ? 'B' : 'A';
  if (death == 3) token = "nonsense";
  if (death == 4) world.run(world.as(world.operator_person), core::DeactivateUser{world.red.admin});
  INFO(death);
  const Reply reply = world.ask(token);
  CHECK(reply.status == 401);
  CHECK(reply.header("WWW-Authenticate") == R"(Bearer realm="tally", error="invalid_token")");
  CHECK(reply.text("code") == "unauthenticated");
}

TEST_CASE("forward-auth: a token that was disabled without revoking runs out within its hour",
          "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  world.disable(world.red, granted.id, core::AccessFate::keep);
  CHECK(world.ask(granted.access_token).status == 200);
  world.pass_an_hour();
  CHECK(world.ask(granted.access_token).status == 401);
}

TEST_CASE("refresh beside: a missing or expired access token is made anew, and the request is served with it",
          "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  Headers headers;
  if (GENERATE(false, true)) {
    world.pass_an_hour();
    headers.emplace_back("Authorization", "Bearer " + granted.access_token);
  }
  const Reply reply = world.ask_beside(granted.refresh_token, headers);
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Tally-Token") == granted.id.str());
  CHECK(reply.header("Tally-Access-Token-Expires-In") == "3600");
  REQUIRE(hands_out_a_pair(reply));
  CHECK(reply.headers.find("Cache-Control: no-store") != std::string::npos);
  CHECK(world.ask(*reply.header("Tally-Access-Token")).status == 200);
  CHECK(world.refresh(world.red.client_id(), *reply.header("Tally-Refresh-Token")).status == 200);
}

TEST_CASE("refresh beside: the same again after a lost answer gives the same refresh token", "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const Reply first = world.ask_beside(granted.refresh_token);
  const Reply second = world.ask_beside(granted.refresh_token);
  REQUIRE(hands_out_a_pair(first));
  REQUIRE(hands_out_a_pair(second));
  CHECK(first.header("Tally-Refresh-Token") == second.header("Tally-Refresh-Token"));
}

TEST_CASE("refresh beside: left alone beside a token that lives, or is dead for another reason than age",
          "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const auto [token, status] = GENERATE_REF(table<std::string, unsigned>({
      {granted.access_token, 200},
      {"nonsense", 401},
      {world.grant(world.blue).access_token + "x", 401},
  }));
  const Reply reply = world.ask_beside(granted.refresh_token, {{"Authorization", "Bearer " + token}});
  CHECK(reply.status == status);
  CHECK_FALSE(hands_out_a_pair(reply));
  const auto state = world.tokens.find_state(world.red.workspace, granted.id);
  CHECK((*state)->generation == 0);
}

TEST_CASE("refresh beside: a refresh token that is not good is 401, and the handler does not run",
          "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red, 1);
  std::string refresh_token = granted.refresh_token;
  const auto death = GENERATE(0, 1, 2, 3);
  if (death == 0) world.disable(world.red, granted.id, core::AccessFate::keep);
  if (death == 1) world.now += std::chrono::hours{24};
  if (death == 2) refresh_token.back() = refresh_token.back() == '0' ? '1' : '0';
  if (death == 3) {
    refresh_token = core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random).reveal();
  }
  INFO(death);
  const Reply reply = world.ask_beside(refresh_token);
  CHECK(reply.status == 401);
  CHECK(reply.text("code") == "unauthenticated");
  CHECK(reply.header("WWW-Authenticate").has_value());
  CHECK_FALSE(hands_out_a_pair(reply));
}

TEST_CASE("refresh beside: a spent one disables its family, as at the token endpoint", "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const Reply first = world.ask_beside(granted.refresh_token);
  REQUIRE(world.ask_beside(*first.header("Tally-Refresh-Token")).status == 200);
  CHECK(world.ask_beside(granted.refresh_token).status == 401);
  const auto state = world.tokens.find_state(world.red.workspace, granted.id);
  CHECK((*state)->mark == core::TokenMark::disabled);
  CHECK((*state)->stop_cause == core::DisableCause::reuse_detected);
}

TEST_CASE("refresh beside: two of them are a mistake", "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply = world.ask_beside(granted.refresh_token, {{"Tally-Refresh-Token", granted.refresh_token}});
  CHECK(reply.status == 400);
  CHECK(reply.text("code") == "malformed");
}

TEST_CASE("refresh beside: the new pair is handed out even if the request itself is refused", "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply = world.ask_beside(granted.refresh_token, {}, "/forward-auth?refresh=yes&scope=tally:tokens.read");
  CHECK(reply.status == 403);
  CHECK(hands_out_a_pair(reply));
}

TEST_CASE("forward-auth: a caller's own query names no resource that is guarded", "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  http::AccessClaims claims = *world.access_tokens.verify(granted.access_token, world.now);
  claims.resource = "https://b.example/";
  const std::string token = world.access_tokens.sign(claims);
  CHECK(world.ask(token, "?resource=https://b.example/&path=/orders?x=1").status == 200);
  for (const std::string tail : {"/orders", "/orders?x=1", "/orders?x=1&resource=https://b.example/",
                                 "/orders&resource=https://b.example/", "&resource=https://b.example/"}) {
    INFO(tail);
    CHECK(world.ask(token, "?path=" + tail).status == 401);
    CHECK(world.ask(token, "?resource=https://a.example/&path=" + tail).status == 401);
  }
}

TEST_CASE("forward-auth: more than one blank may stand before the token", "[http][oauth][forward]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply =
      world.call({Method::get, "/forward-auth", {{"Authorization", "bearer   " + granted.access_token}}, ""});
  CHECK(reply.status == 200);
}

TEST_CASE("refresh beside: left alone where the guard does not say refresh=yes", "[http][oauth][beside]") {
  ProxyWorld world;
  const Granted granted = world.grant(world.red);
  const auto [target, status] = GENERATE(table<std::string, unsigned>({
      {"/forward-auth", 401},
      {"/forward-auth?refresh=no", 401},
      {"/forward-auth?path=/orders?refresh=yes", 401},
      {"/forward-auth?path=/orders&refresh=yes", 401},
      {"/forward-auth?refresh=maybe", 400},
      {"/forward-auth?refresh=yes&refresh=yes", 400},
      {"/forward-auth?refresh=yes&guard=x", 400},
  }));
  INFO(target);
  for (int times = 0; times < 3; ++times) {
    const Reply reply = world.ask_beside(granted.refresh_token, {}, target);
    CHECK(reply.status == status);
    CHECK_FALSE(hands_out_a_pair(reply));
    world.pass_an_hour();
  }
  CHECK((*world.tokens.find_state(world.red.workspace, granted.id))->generation == 0);
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).status == 200);
}
