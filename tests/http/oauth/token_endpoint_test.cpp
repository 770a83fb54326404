#include <catch2/catch.hpp>

#include "core/identity/person_commands.hpp"
#include "core/token/token_commands.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

std::string unknown_secret(OAuthWorld& world) {
  return std::string{core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random).reveal()};
}

}  // namespace

TEST_CASE("token endpoint: a refresh answers a new pair and exactly what the contract names", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red, 30);
  world.now += std::chrono::minutes{5};
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/json");
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(reply.header("Pragma") == "no-cache");
  CHECK(reply.header("Tally-Sequence").has_value());
  const auto answer = reply.json().as_object();
  std::vector<std::string> members;
  for (const auto& member : answer) members.emplace_back(member.key());
  CHECK(members == std::vector<std::string>{"access_token", "token_type", "expires_in", "refresh_token",
                                            "refresh_token_expires_in", "refresh_token_timeout",
                                            "authorization_expires_in", "scope"});
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(reply.number("expires_in") == 3600);
  for (const char* end : {"refresh_token_expires_in", "refresh_token_timeout", "authorization_expires_in"}) {
    CHECK(reply.number(end) == 30 * 86'400 - 300);
  }
  CHECK(reply.text("scope") == "files.read files.write");
  CHECK(reply.text("refresh_token") != granted.refresh_token);
  CHECK(core::OpaqueSecret::parse(core::SecretKind::refresh_token, reply.text("refresh_token")).has_value());

  const auto claims = world.access_tokens.verify(reply.text("access_token"), world.now);
  REQUIRE(claims.has_value());
  CHECK(claims->token == granted.id);
  CHECK(claims->subject == world.red.admin);
  CHECK(claims->workspace == world.red.workspace);
  CHECK(claims->issued_at_seconds == core::seconds_of(world.now));
  CHECK(claims->expires_at_seconds == core::seconds_of(world.now) + 3600);
  CHECK(world.tokens.access_verdict(claims->presented(), world.now)->is_live());
}

TEST_CASE("token endpoint: a public client may name itself by HTTP Basic with an empty secret",
          "[http][oauth][token]") {
  OAuthWorld world;
  const std::string red = world.red.client_id();
  const std::string blue = world.blue.client_id();
  const std::string server = world.red.resource_server.str();
  const std::string server_secret = world.red.resource_server_secret;
  const Granted granted = world.grant(world.red);
  const std::string asked = "grant_type=refresh_token&refresh_token=" + granted.refresh_token;
  const auto [field, more, status, error] = GENERATE_COPY(table<std::string, std::string, unsigned, std::string>({
      {basic(red, ""), "", 200, ""},
      {"basic   " + base64(red + ":"), "", 200, ""},
      {basic(red, ""), "&client_id=" + red, 200, ""},
      {"Bearer x", "&client_id=" + red, 200, ""},
      {basic(red, ""), "&client_id=" + blue, 400, "invalid_request"},
      {basic(red, ""), "&client_id=" + red + "&client_id=" + red, 400, "invalid_request"},
      {basic(blue, ""), "", 400, "invalid_grant"},
      {basic(red, "secret"), "", 401, "invalid_client"},
      {basic(red, "secret"), "&client_id=" + red, 401, "invalid_client"},
      {basic(server, server_secret), "", 401, "invalid_client"},
      {basic("nobody", ""), "", 401, "invalid_client"},
      {"Basic " + base64(red), "", 401, "invalid_client"},
      {"Basic !", "", 401, "invalid_client"},
      {"Bearer x", "", 400, "invalid_request"},
  }));
  INFO(field << ' ' << more);
  const Reply reply = world.post_form("/oauth2/token", asked + more, {{"Authorization", field}});
  CHECK(reply.status == status);
  if (status != 200) CHECK(reply.text("error") == error);
  CHECK(reply.header("WWW-Authenticate").has_value() == (status == 401));
}

TEST_CASE("token endpoint: two Authorization fields name nobody", "[http][oauth][token]") {
  OAuthWorld world;
  const std::string field = basic(world.red.client_id(), "");
  const Reply reply = world.post_form("/oauth2/token", "grant_type=refresh_token&refresh_token=x",
                                      {{"Authorization", field}, {"Authorization", field}});
  CHECK(reply.text("error") == "invalid_request");
}

TEST_CASE("token endpoint: whoever takes the one token for the other is told so", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string opaque{core::OpaqueSecret::generate(core::SecretKind::access_token, world.random).reveal()};
  for (const std::string& token : {granted.access_token, opaque}) {
    const Reply reply = world.refresh(world.red.client_id(), token);
    CHECK(reply.text("error") == "invalid_grant");
    CHECK(reply.text("error_description") == "that is an access token; the refresh token begins with tlr_");
  }
  // The same for one that nobody ever had.
  CHECK(world.refresh(world.red.client_id(), "eyJ.e30.AAAA").text("error_description") ==
        "that is an access token; the refresh token begins with tlr_");
  CHECK(world.refresh(world.red.client_id(), "eyJ").text("error_description") == "unknown refresh token");
}

TEST_CASE("token endpoint: each refusal has its error", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const std::string client = "&client_id=" + world.red.client_id();
  const std::string secret = "&refresh_token=" + granted.refresh_token;
  const std::string type = "grant_type=refresh_token";
  const auto [body, status, error] = GENERATE_REF(table<std::string, unsigned, std::string>({
      {"", 400, "invalid_request"},
      {client + secret, 400, "invalid_request"},
      {"grant_type=" + client + secret, 400, "invalid_request"},
      {type + secret, 400, "invalid_request"},
      {type + client, 400, "invalid_request"},
      {type + client + "&refresh_token=", 400, "invalid_request"},
      {type + client + client + secret, 400, "invalid_request"},
      {type + "&" + type + client + secret, 400, "invalid_request"},
      {type + client + secret + secret, 400, "invalid_request"},
      {type + client + secret + "&scope=a&scope=b", 400, "invalid_request"},
      {type + client + secret + "&scope=%ff", 400, "invalid_request"},
      {type + client + secret + "&scope=%4", 400, "invalid_request"},
      {"grant_type=password" + client + secret, 400, "unsupported_grant_type"},
      {"grant_type=REFRESH_TOKEN" + client + secret, 400, "unsupported_grant_type"},
      {type + secret + "&client_id=nobody", 401, "invalid_client"},
      {type + secret + "&client_id=ws_00000000000000000000000000", 401, "invalid_client"},
      {type + secret + "&client_id=" + world.blue.client_id(), 400, "invalid_grant"},
      {type + client + "&refresh_token=garbage", 400, "invalid_grant"},
      {type + client + "&refresh_token=" + granted.access_token, 400, "invalid_grant"},
      {type + client + "&refresh_token=" + world.red.resource_server_secret, 400, "invalid_grant"},
      {type + client + "&refresh_token=" + unknown_secret(world), 400, "invalid_grant"},
      {type + client + secret + "&scope=files.read%20files.delete", 400, "invalid_scope"},
      {type + client + secret + "&scope=tally:tokens.read", 400, "invalid_scope"},
      {type + client + secret + "&scope=a%22b", 400, "invalid_scope"},
      {type + client + secret + "&scope=a%20%20b", 400, "invalid_scope"},
  }));
  CAPTURE(body);
  const auto events_of_token = [&] {
    projections::AuditFilter filter;
    filter.workspace = world.red.workspace;
    filter.token = granted.id;
    return value_of(world.audit.list(filter, std::nullopt, 100)).items.size();
  };
  const std::size_t events_before = events_of_token();
  const Reply reply = world.post_form("/oauth2/token", body);
  CHECK(reply.status == status);
  CHECK(reply.text("error") == error);
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK_FALSE(reply.header("WWW-Authenticate").has_value());
  CHECK(reply.body.find(granted.refresh_token) == std::string::npos);
  // Refusing is no event of the token, and it is as good as before.
  CHECK(events_of_token() == events_before);
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).status == 200);
}

TEST_CASE("token endpoint: only a form is read", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  Call call = OAuthWorld::refresh_call(world.red.client_id(), granted.refresh_token);
  const auto [headers, is_read] = GENERATE(table<Headers, bool>({
      {{}, false},
      {{{"Content-Type", "application/json"}}, false},
      {{{"Content-Type", ""}}, false},
      {{{"Content-Type", "application/x-www-form-urlencodedx"}}, false},
      {{{"Content-Type", "multipart/form-data"}}, false},
      {{{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "application/json"}}, false},
      {{{"content-type", "Application/X-WWW-Form-URLencoded ; charset=UTF-8"}}, true},
  }));
  call.headers = headers;
  const Reply reply = world.call(call);
  CHECK(reply.status == (is_read ? 200 : 400));
  if (!is_read) CHECK(reply.text("error") == "invalid_request");
}

TEST_CASE("token endpoint: parameters of the query do not count, and unknown ones do no harm", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  Call call = OAuthWorld::refresh_call(world.red.client_id(), granted.refresh_token);
  const Call in_query = OAuthWorld::form("/oauth2/token?" + call.body, "");
  CHECK(world.call(in_query).text("error") == "invalid_request");
  call.body += "&nothing=x&nothing=y&scope=";
  CHECK(world.call(call).status == 200);
}

TEST_CASE("token endpoint: a stopped token's refresh is invalid_grant", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red, 1);
  const auto stop = GENERATE(0, 1, 2, 3);
  CAPTURE(stop);
  if (stop == 0) world.disable(world.red, granted.id, core::AccessFate::keep);
  if (stop == 1) {
    world.run(world.as(world.red.admin),
              core::DeleteTokens{world.red.workspace, {granted.id}, core::AccessFate::keep, ""});
  }
  if (stop == 2) world.now += std::chrono::days{1};
  if (stop == 3) world.run(world.as(world.operator_person), core::DeactivateUser{world.red.admin});
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(reply.status == 400);
  CHECK(reply.text("error") == "invalid_grant");
}

TEST_CASE("token endpoint: a narrower scope is for the access token only", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const Reply narrow = world.refresh(world.red.client_id(), granted.refresh_token, "&scope=files.read");
  REQUIRE(narrow.status == 200);
  CHECK(narrow.text("scope") == "files.read");
  CHECK(world.access_tokens.verify(narrow.text("access_token"), world.now)->scope.str() == "files.read");
  const Reply whole = world.refresh(world.red.client_id(), narrow.text("refresh_token"));
  CHECK(whole.text("scope") == "files.read files.write");
}

TEST_CASE("token endpoint: an access token never outlives its family", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red, 1);
  world.now += std::chrono::days{1} - std::chrono::minutes{2};
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(reply.number("expires_in") == 120);
  CHECK(reply.number("refresh_token_expires_in") == 120);
}

TEST_CASE("token endpoint: a clock that is a little behind the log's is what the access token says",
          "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.now -= std::chrono::seconds{50};
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  REQUIRE(reply.status == 200);
  const auto claims = world.access_tokens.verify(reply.text("access_token"), world.now);
  CHECK(claims->issued_at_seconds == core::seconds_of(world.now));
  CHECK(claims->expires_at_seconds == core::seconds_of(world.now) + 3600);
}

TEST_CASE("token endpoint: a family that came to be ahead of the clock is no grant", "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.now -= std::chrono::minutes{10};
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(reply.status == 400);
  CHECK(reply.text("error") == "invalid_grant");
}

TEST_CASE("token endpoint: a writer that stops is temporarily unavailable, and says when to come back",
          "[http][oauth][token]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.sequencer().stop();
  const Reply reply = world.refresh(world.red.client_id(), granted.refresh_token);
  CHECK(reply.status == 503);
  CHECK(reply.text("error") == "temporarily_unavailable");
  CHECK(reply.header("Retry-After").has_value());
}
