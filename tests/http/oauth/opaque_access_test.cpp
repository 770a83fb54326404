#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/http/oauth/oauth_world.hpp"

/// A workspace whose access tokens are opaque, as clients and resource servers meet it.
using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;

namespace {

struct OpaqueWorld : OAuthWorld {
  OpaqueWorld() {
    set_format(core::AccessTokenFormat::opaque);
    granted = grant(red);
  }
  void set_format(core::AccessTokenFormat format) {
    core::Policy policy = policy_of(red);
    policy.access_token_format = format;
    set_policy(red, policy);
  }
  Reply refreshed() {
    Reply reply = refresh(red.client_id(), granted.refresh_token);
    REQUIRE(reply.status == 200);
    granted.refresh_token = reply.text("refresh_token");
    return reply;
  }
  std::string access() { return refreshed().text("access_token"); }
  bool is_active(const Tenant& caller, const std::string& token) {
    const Reply reply = introspect(caller, token);
    REQUIRE(reply.status == 200);
    if (reply.json().at("active").as_bool()) return true;
    CHECK(reply.body == R"({"active":false})");
    return false;
  }
  Granted granted;
};

}  // namespace

TEST_CASE("opaque access: a refresh gives one, and introspection says all of it", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const Reply reply = world.refreshed();
  const std::string token = reply.text("access_token");
  CHECK(core::OpaqueSecret::parse(core::SecretKind::access_token, token).has_value());
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(reply.number("expires_in") == 3600);
  const Reply told = world.introspect(world.red, token);
  CHECK(told.json().at("active").as_bool());
  CHECK(told.text("iss") == HttpFixture::kIssuer);
  CHECK(told.text("sub") == world.red.admin.str());
  CHECK(told.text("aud") == std::string{HttpFixture::kIssuer} + "/w/" + world.red.client_id());
  CHECK(told.text("client_id") == world.red.client_id());
  CHECK(told.text("scope") == "files.read files.write");
  CHECK(told.text("token_type") == "Bearer");
  CHECK(told.text("tally_token") == world.granted.id.str());
  CHECK(told.text("username") == "red-admin");
  CHECK(told.number("iat") == core::seconds_of(world.now));
  CHECK(told.number("exp") == core::seconds_of(world.now) + 3600);
  CHECK(told.text("jti").starts_with("at_"));
}

TEST_CASE("opaque access: its scope may be narrower than the token's", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const Reply reply = world.refresh(world.red.client_id(), world.granted.refresh_token, "&scope=files.read");
  CHECK(world.introspect(world.red, reply.text("access_token")).text("scope") == "files.read");
}

TEST_CASE("opaque access: is nothing in another workspace", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string token = world.access();
  CHECK_FALSE(world.is_active(world.blue, token));
  CHECK(world.revoke(world.blue.client_id(), token).status == 200);
  CHECK(world.is_active(world.red, token));
}

TEST_CASE("opaque access: what was never given, or is changed, is inactive", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string token = world.access();
  const auto other = core::OpaqueSecret::generate(core::SecretKind::access_token, world.random);
  CHECK_FALSE(world.is_active(world.red, std::string{other.reveal()}));
  for (std::size_t at = 0; at < token.size(); at += 3) {
    std::string changed = token;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    CHECK_FALSE(world.is_active(world.red, changed));
  }
  CHECK_FALSE(world.is_active(world.red, token.substr(0, token.size() - 1)));
  CHECK_FALSE(world.is_active(world.red, token + "x"));
  CHECK_FALSE(world.is_active(world.red, "tla_"));
  // The hash that is stored is not the token.
  CHECK_FALSE(world.is_active(world.red, core::to_hex(digest_of(token).bytes)));
}

TEST_CASE("opaque access: ends with the second that exp names", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string token = world.access();
  world.now += 1h - core::Duration{1};
  CHECK(world.is_active(world.red, token));
  world.now += core::Duration{1};
  CHECK_FALSE(world.is_active(world.red, token));
  // Told apart from an unknown one: a refresh token beside it is worth spending.
  CHECK(world.access_tokens.verify(token, world.now).error().code == core::Errc::token_expired);
}

TEST_CASE("opaque access: revoking one ends that one, stopping with revoke ends all", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string first = world.access();
  const std::string second = world.access();
  CHECK(world.revoke(world.red.client_id(), first).status == 200);
  CHECK_FALSE(world.is_active(world.red, first));
  CHECK(world.is_active(world.red, second));
  world.now += 1s;
  world.disable(world.red, world.granted.id, core::AccessFate::revoke);
  CHECK_FALSE(world.is_active(world.red, second));
}

TEST_CASE("opaque access: lives on when its token is disabled without revoke", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string token = world.access();
  world.disable(world.red, world.granted.id, core::AccessFate::keep);
  CHECK(world.is_active(world.red, token));
}

TEST_CASE("opaque access: a lost answer gives the same successor with a fresh one", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const Reply first = world.refresh(world.red.client_id(), world.granted.refresh_token);
  const Reply again = world.refresh(world.red.client_id(), world.granted.refresh_token);
  CHECK(again.status == 200);
  CHECK(again.text("refresh_token") == first.text("refresh_token"));
  CHECK(again.text("access_token") != first.text("access_token"));
  CHECK(world.is_active(world.red, first.text("access_token")));
  CHECK(world.is_active(world.red, again.text("access_token")));
}

TEST_CASE("opaque access: whoever changes the format ends nothing that was issued before", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const std::string opaque = world.access();
  world.set_format(core::AccessTokenFormat::jwt);
  const std::string jwt = world.access();
  CHECK(jwt.find('.') != std::string::npos);
  CHECK(world.is_active(world.red, jwt));
  CHECK(world.is_active(world.red, opaque));
  world.set_format(core::AccessTokenFormat::opaque);
  CHECK(world.is_active(world.red, jwt));
  CHECK(world.is_active(world.red, opaque));
}

TEST_CASE("opaque access: opens the management API as far as its scope goes", "[http][oauth][opaque]") {
  OpaqueWorld world;
  const auto code = [&](const std::string& token, http::Need need) {
    const FakeRequest request{http::Method::get, "/v1/x", {{"Authorization", "Bearer " + token}}, "", world.now};
    const auto caller = world.authenticator.authenticate(request, need);
    return caller.has_error() ? caller.error().code : core::Errc::internal;
  };
  const std::string token = world.access();
  CHECK(code(token, http::Need::tokens_read) == core::Errc::forbidden);  // alive, without that scope
  CHECK(code(token.substr(1), http::Need::tokens_read) == core::Errc::unauthenticated);
  world.disable(world.red, world.granted.id, core::AccessFate::revoke);
  CHECK(code(token, http::Need::tokens_read) == core::Errc::unauthenticated);
}
