#include "http/auth/authenticator.hpp"

#include <catch2/catch.hpp>

#include "core/identity/person_commands.hpp"
#include "http/auth/session_cookie.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;
using http::Method;
using http::Need;

namespace {

struct AuthWorld : OAuthWorld {
  /// A session of the red admin, as a Cookie field.
  std::pair<std::string, std::string> sign_in() {
    const http::NewSession session = http::draw_session(random);
    run(as(red.admin), core::SignIn{red.admin, true, (*people.find(red.admin))->credentials_version, session.hash,
                                    now + std::chrono::hours{12}});
    return {"Cookie", "tally_session=" + std::string{session.cookie_value.reveal()}};
  }
  core::Result<http::Caller> authenticate(Headers headers, Method method = Method::get,
                                          Need need = Need::tokens_read) const {
    const FakeRequest request{method, "/v1/x", std::move(headers), "", now};
    return authenticator.authenticate(request, need);
  }
  /// An access token of a fresh token of the red admin.
  std::pair<std::string, std::string> bearer(std::string_view scope, Granted& granted) {
    granted = grant(red);
    http::AccessClaims claims = *access_tokens.verify(granted.access_token, now);
    claims.scope = *core::ScopeSet::parse(scope, 50);
    return {"Authorization", "Bearer " + access_tokens.sign(claims)};
  }
};

}  // namespace

TEST_CASE("authenticator: a session has its person's power", "[http][auth]") {
  AuthWorld world;
  const auto cookie = world.sign_in();
  const auto caller = world.authenticate({cookie}, Method::get, Need::session_only);
  REQUIRE(caller.has_value());
  CHECK(caller->person.username == "red-admin");
  CHECK_FALSE(caller->bearer.has_value());
  CHECK(caller->session_hash.has_value());
}

TEST_CASE("authenticator: says through what a session came", "[http][auth]") {
  AuthWorld world;
  const auto cookie = world.sign_in();
  CHECK(world.authenticate({cookie})->via == core::Via::api);
  CHECK(world.authenticate({cookie, {"Sec-Fetch-Site", "same-origin"}})->via == core::Via::page);
  CHECK(world.authenticate({cookie, {"User-Agent", "tally/0.1.0"}})->via == core::Via::cli);
}

TEST_CASE("authenticator: a dead session is nobody", "[http][auth]") {
  AuthWorld world;
  const auto cookie = world.sign_in();
  const auto end = GENERATE(0, 1, 2);
  if (end == 0) world.now += std::chrono::hours{12};
  if (end == 1) world.run(world.as(world.operator_person), core::DeactivateUser{world.red.admin});
  if (end == 2) world.run(world.as(world.red.admin), core::ChangePassword{world.red.admin, "$argon2id$new", true});
  CHECK(world.authenticate({cookie}).error().code == Errc::unauthenticated);
}

TEST_CASE("authenticator: nobody is nobody", "[http][auth]") {
  AuthWorld world;
  const std::string unknown = "tally_session=" + std::string(43, 'A');
  CHECK(world.authenticate({}).error().code == Errc::unauthenticated);
  CHECK(world.authenticate({{"Cookie", unknown}}).error().code == Errc::unauthenticated);
  CHECK(world.authenticate({{"Authorization", "Bearer "}}).error().code == Errc::unauthenticated);
  CHECK(world.authenticate({{"Authorization", "Bearer x"}, world.sign_in()}).error().code == Errc::unauthenticated);
}

TEST_CASE("authenticator: a change by a session must come from the server's own origin", "[http][auth]") {
  AuthWorld world;
  const auto cookie = world.sign_in();
  const auto [headers, is_let_in] = GENERATE(table<Headers, bool>({
      {{}, false},
      {{{"Origin", "https://evil.example"}}, false},
      {{{"Origin", "null"}}, false},
      {{{"Origin", "https://tally.example.evil"}}, false},
      {{{"Sec-Fetch-Site", "cross-site"}}, false},
      {{{"Sec-Fetch-Site", "same-site"}}, false},
      {{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://tally.example"}}, false},
      {{{"Origin", "https://tally.example/"}}, false},
      {{{"Origin", "https://tally.example:444"}}, false},
      {{{"Origin", "http://tally.example"}}, false},
      {{{"Origin", "https://tally.example"}}, true},
      {{{"Origin", "https://Tally.Example:443"}}, true},
      {{{"Sec-Fetch-Site", "same-origin"}}, true},
      {{{"Sec-Fetch-Site", "none"}}, true},
  }));
  for (const Method method : {Method::post, Method::put, Method::delete_, Method::other}) {
    Headers all = headers;
    all.push_back(cookie);
    const auto caller = world.authenticate(all, method);
    CHECK(caller.has_value() == is_let_in);
    if (!is_let_in) {
      CHECK(caller.error().code == Errc::forbidden);
      CHECK(caller.error().detail.ends_with("own origin, https://tally.example"));
    }
    CHECK(world.authenticate(all, Method::get).has_value());
  }
}

TEST_CASE("authenticator: another scheme is a proxy's, and the session counts", "[http][auth]") {
  AuthWorld world;
  CHECK(world.authenticate({{"Authorization", "Basic eDp5"}, world.sign_in()}).has_value());
}

TEST_CASE("authenticator: an access token can do what its scopes say", "[http][auth]") {
  AuthWorld world;
  Granted granted;
  const auto [scope, need, is_let_in] = GENERATE(table<std::string, Need, bool>({
      {"tally:tokens.read", Need::tokens_read, true},
      {"tally:tokens.read", Need::tokens_write, false},
      {"tally:tokens.write", Need::tokens_write, true},
      {"tally:tokens.write", Need::tokens_read, false},
      {"tally:audit.read", Need::audit_read, true},
      {"files.read", Need::tokens_read, false},
      {"", Need::audit_read, false},
      {"tally:tokens.read tally:tokens.write tally:audit.read", Need::session_only, false},
  }));
  const auto caller = world.authenticate({world.bearer(scope, granted)}, Method::post, need);
  REQUIRE(caller.has_value() == is_let_in);
  if (is_let_in) {
    CHECK(caller->person.id == world.red.admin);
    CHECK(caller->bearer->access.workspace == world.red.workspace);
    CHECK(caller->bearer->access.token == granted.id);
    CHECK(caller->bearer->scope.str() == scope);
  } else {
    CHECK(caller.error().code == Errc::forbidden);
  }
}

TEST_CASE("authenticator: a dead access token is nobody", "[http][auth]") {
  AuthWorld world;
  Granted granted;
  const auto field = world.bearer("tally:tokens.read", granted);
  REQUIRE(world.authenticate({field}).has_value());
  const auto end = GENERATE(0, 1, 2, 3);
  if (end == 0) world.now += std::chrono::hours{1};
  if (end == 1) world.disable(world.red, granted.id, core::AccessFate::revoke);
  if (end == 2) world.revoke(world.red.client_id(), field.second.substr(7));
  if (end == 3) world.run(world.as(world.operator_person), core::DeactivateUser{world.red.admin});
  CHECK(world.authenticate({field}).error().code == Errc::unauthenticated);
  CHECK(world.authenticate({field, field}).error().code == Errc::unauthenticated);
}

TEST_CASE("authenticator: roles are of a workspace, and a stranger does not learn that it exists", "[http][auth]") {
  AuthWorld world;
  const auto role_in = [&](const http::Caller& caller, core::WorkspaceId workspace) {
    return world.authenticator.role_in(caller, workspace, world.workspaces);
  };
  http::Caller admin;
  admin.person = **world.people.find(world.red.admin);
  CHECK(*role_in(admin, world.red.workspace) == std::optional<core::Role>{core::Role::admin});
  CHECK(role_in(admin, world.blue.workspace).error().code == Errc::not_found);

  http::Caller bearer = admin;
  bearer.bearer = http::Caller::Bearer{{world.blue.workspace, {}, {}, {}, {}}, {}};
  CHECK(role_in(bearer, world.red.workspace).error().code == Errc::not_found);
  CHECK(role_in(bearer, world.blue.workspace).error().code == Errc::not_found);

  http::Caller boss;
  boss.person = **world.people.find(world.operator_person);
  REQUIRE(role_in(boss, world.red.workspace).has_value());
  CHECK_FALSE(role_in(boss, world.red.workspace)->has_value());
  CHECK(role_in(boss, core::WorkspaceId{}).error().code == Errc::not_found);
}
