#include <catch2/catch.hpp>

#include "http/auth/basic_credentials.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/session_cookie.hpp"
#include "http/server/limits.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;

namespace {

FakeRequest request_with(Headers headers) {
  return {http::Method::get, "/", std::move(headers), "", core::Timestamp{}};
}

}  // namespace

TEST_CASE("basic credentials: are cut at the first colon and decoded as a form", "[http][auth]") {
  const auto credentials = http::parse_basic("Basic " + base64("a%3Ab+c:d:e%25"));
  REQUIRE(credentials.has_value());
  CHECK(credentials->id.reveal() == "a:b c");
  CHECK(credentials->secret.reveal() == "d:e%");
}

TEST_CASE("basic credentials: damage is refused", "[http][auth]") {
  const auto field = GENERATE(values<std::string>({
      "",
      "Basic",
      "Basic ",
      "Basi " + base64("a:b"),
      "Basic\t" + base64("a:b"),
      "Basic " + base64("ab"),
      "Basic " + base64("a:b").substr(0, 3),
      "Basic " + base64("a:b") + " x",
      "Basic " + base64("a:%"),
      "Basic " + base64("a:%4"),
      "Basic " + base64("a:%4g"),
      "Basic " + base64("%:b"),
      "Basic " + base64("a:" + std::string(2000, 'b')),
  }));
  CAPTURE(field);
  const auto credentials = http::parse_basic(field);
  REQUIRE(credentials.has_error());
  CHECK(credentials.error().code == Errc::unauthenticated);
}

TEST_CASE("session cookie: is found among others", "[http][auth]") {
  SeededRandom random{5};
  const http::NewSession session = http::draw_session(random);
  const std::string pair = "tally_session=" + std::string{session.cookie_value.reveal()};
  const auto cookie = GENERATE_REF(values<std::string>(
      {pair, "a=b; " + pair, pair + "; a=b", "a=b;" + pair + " ;c", "tally_session_x=1; " + pair, "; " + pair + ";"}));
  const auto hash = http::session_hash_of(request_with({{"Cookie", cookie}}));
  REQUIRE(hash.has_value());
  CHECK(*hash == std::optional<core::Digest>{session.hash});
}

TEST_CASE("session cookie: none is no error, a damaged or doubled one is", "[http][auth]") {
  SeededRandom random{5};
  const http::NewSession session = http::draw_session(random);
  const std::string value{session.cookie_value.reveal()};
  CHECK_FALSE(http::session_hash_of(request_with({}))->has_value());
  CHECK_FALSE(http::session_hash_of(request_with({{"Cookie", "a=b; tally_sessio=x"}}))->has_value());
  const auto headers = GENERATE_REF(values<Headers>({
      {{"Cookie", "tally_session="}},
      {{"Cookie", "tally_session=" + value + "A"}},
      {{"Cookie", "tally_session=" + value.substr(1)}},
      {{"Cookie", "tally_session=\"" + value + "\""}},
      {{"Cookie", "tally_session=" + value + "; tally_session=" + value}},
      {{"Cookie", "tally_session=" + value}, {"Cookie", "a=b"}},
  }));
  const auto hash = http::session_hash_of(request_with(headers));
  REQUIRE(hash.has_error());
  CHECK(hash.error().code == Errc::unauthenticated);
}

TEST_CASE("session cookie: scripts do not see it, other sites do not send it", "[http][auth]") {
  CHECK(http::set_session_cookie("v", 60, http::CookieTransport::https).reveal() ==
        "tally_session=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
  CHECK(http::clear_session_cookie(http::CookieTransport::plain_http).reveal() ==
        "tally_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST_CASE("command context: holds what the request says of itself, cut and tamed", "[http][auth]") {
  SeededRandom random{5};
  const FakeRequest request = request_with({{"User-Agent", "agent\x01\xff" + std::string(300, 'x')}});
  http::Caller caller;
  caller.person.id = core::draw_id<core::UserId>(random, core::Timestamp{});
  caller.person.standing = GENERATE(core::ServerStanding::none, core::ServerStanding::operator_person,
                                    core::ServerStanding::break_glass, core::ServerStanding::auditor);
  caller.via = core::Via::page;
  const core::CommandContext context = http::context_of(request, caller, random);
  CHECK(context.actor.kind == (caller.person.is_operator() ? core::ActorKind::operator_person : core::ActorKind::user));
  CHECK(context.actor.id == caller.person.id.uuid());
  CHECK(context.via == core::Via::page);
  CHECK(context.origin.user_agent == "agent??" + std::string(http::limits::kUserAgentBytesMax - 7, 'x'));
  CHECK(context.origin.source_ip == "192.0.2.7");
  CHECK(context.origin.request_id == "request-1");
  CHECK(context.entropy != core::UuidEntropy{});
  CHECK(context.credential.kind == core::CredentialKind::none);
  const core::Credential secret{core::CredentialKind::client_secret, {}, {}};
  const core::CommandContext of_client = http::context_of_client(request, {}, secret, random);
  CHECK(of_client.via == core::Via::oauth);
  CHECK(of_client.credential == secret);
}

TEST_CASE("command context: says with what the caller acts, and a bearer's power", "[http][auth]") {
  SeededRandom random{6};
  const FakeRequest request = request_with({});
  http::Caller caller;
  caller.session_hash = core::Digest{};
  CHECK(http::context_of(request, caller, random).credential ==
        core::Credential{core::CredentialKind::session, {}, {}});
  CHECK_FALSE(http::context_of(request, caller, random).bearer.has_value());
  const auto id = [&](auto drawn) { return core::draw_id<decltype(drawn)>(random, core::Timestamp{}); };
  caller.session_hash.reset();
  core::PresentedAccess presented;
  presented.workspace = id(core::WorkspaceId{});
  presented.token = id(core::TokenId{});
  presented.id = id(core::AccessTokenId{});
  presented.parent = id(core::AccessTokenId{});
  caller.bearer = http::Caller::Bearer{presented, *core::ScopeSet::parse("a b", 2)};
  const core::CommandContext context = http::context_of(request, caller, random);
  CHECK(context.credential ==
        core::Credential{core::CredentialKind::access_token, presented.token.uuid(), presented.id.uuid()});
  REQUIRE(context.bearer.has_value());
  CHECK(context.bearer->presented.workspace == presented.workspace);
  CHECK(context.bearer->presented.token == presented.token);
  CHECK(context.bearer->presented.id == presented.id);
  CHECK(context.bearer->presented.parent == presented.parent);
  CHECK(context.bearer->scope == caller.bearer->scope);
}
