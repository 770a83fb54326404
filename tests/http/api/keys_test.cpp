#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
using namespace std::chrono_literals;

namespace {

using Fields = std::vector<std::string>;

std::vector<std::string> statuses(const Reply& list) {
  std::vector<std::string> out;
  const boost::json::value document = list.json();
  for (const auto& key : document.at("items").as_array()) out.emplace_back(key.at("status").as_string());
  return out;
}

}  // namespace

TEST_CASE_METHOD(ApiFixture, "keys: rotated, listed and retired by the operator", "[api][keys]") {
  CHECK(get(root, "/v1/keys").body == R"({"items":[]})");
  const Reply first = post(root, "/v1/keys:rotate", "{}");
  REQUIRE(first.status == 201);
  CHECK(first.text("status") == "active");
  CHECK(first.text("algorithm") == "EdDSA");
  CHECK(first.header("Tally-Sequence").has_value());
  const Reply second = post(root, "/v1/keys:rotate", R"({"activate":"after_lead"})");
  REQUIRE(second.status == 201);
  CHECK(second.text("status") == "pending");
  CHECK(statuses(get(root, "/v1/keys")) == Fields{"pending", "active"});
  CHECK(post(root, "/v1/keys:rotate", "{}").status == 409);

  const std::string retire_first = "/v1/keys/" + first.text("id") + ":retire";
  CHECK(post(root, retire_first, "{}").status == 409);
  now += 600s;
  CHECK(statuses(get(root, "/v1/keys")) == Fields{"active", "retiring"});
  CHECK(post(root, retire_first, R"({"access":"keep"})").status == 409);
  const Reply forced = post(root, retire_first, R"({"access":"revoke"})");
  CHECK(forced.status == 200);
  CHECK(forced.text("status") == "retired");
  CHECK(forced.text("retirement") == "forced");
  CHECK(forced.header("Tally-Sequence").has_value());
  const Reply again = post(root, retire_first, "{}");
  CHECK(again.status == 200);
  CHECK_FALSE(again.header("Tally-Sequence").has_value());
  CHECK(access_tokens.jwks().find(first.text("id")) == std::string::npos);
  CHECK(access_tokens.jwks().find(second.text("id")) != std::string::npos);
}

TEST_CASE_METHOD(ApiFixture, "keys: in an emergency a key signs at once, and one that waits goes", "[api][keys]") {
  const std::string first = post(root, "/v1/keys:rotate", "{}").text("id");
  const std::string waiting = post(root, "/v1/keys:rotate", "{}").text("id");
  now += 1s;
  const Reply emergency = post(root, "/v1/keys:rotate", R"({"activate":"now"})");
  CHECK(emergency.text("status") == "active");
  CHECK(statuses(get(root, "/v1/keys")) == Fields{"active", "retired", "retiring"});
  CHECK(access_tokens.jwks().find(waiting) == std::string::npos);
  CHECK(access_tokens.jwks().find(first) != std::string::npos);
}

TEST_CASE_METHOD(ApiFixture, "keys: a new key verifies what it signs over the API", "[api][keys]") {
  post(root, "/v1/keys:rotate", "{}");
  const testing::Visitor bearer = bearer_of(ada, "tally:tokens.read");
  CHECK(get(bearer, path("/tokens")).status == 200);
  const std::string id = post(root, "/v1/keys:rotate", R"({"activate":"now"})").text("id");
  CHECK(get(bearer, path("/tokens")).status == 200);
  const boost::json::value keys = get(root, "/v1/keys").json();
  const std::string old_id{keys.at("items").at(1).at("id").as_string()};
  REQUIRE(post(root, "/v1/keys/" + old_id + ":retire", R"({"access":"revoke"})").status == 200);
  CHECK(get(bearer, path("/tokens")).status == 401);
  now += 1s;
  CHECK(get(bearer_of(ada, "tally:tokens.read"), path("/tokens")).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "keys: what is asked for otherwise is named", "[api][keys]") {
  const auto [target, body, fields] = GENERATE(table<std::string, std::string, Fields>({
      {"/v1/keys:rotate", R"({"activate":"soon"})", {"activate"}},
      {"/v1/keys:rotate", R"({"algorithm":"ES256"})", {"algorithm"}},
      {"/v1/keys/x:retire", R"({"access":"yes"})", {"access"}},
      {"/v1/keys/x:retire", R"({"force":true})", {"force"}},
  }));
  const Reply reply = post(root, target, body);
  CHECK(reply.status == 400);
  CHECK(fields_of(reply) == fields);
  CHECK(get(root, "/v1/keys?limit=1").status == 400);
}

TEST_CASE_METHOD(ApiFixture, "keys: a full disk is told, and nothing happened", "[api][keys]") {
  signing_keys.is_full = true;
  CHECK(post(root, "/v1/keys:rotate", "{}").status == 503);
  CHECK(get(root, "/v1/keys").body == R"({"items":[]})");
}

TEST_CASE_METHOD(ApiFixture, "policy: opaque access tokens are generated where it asks for them", "[api][opaque]") {
  const std::string base = R"({"max_lifetime_days":30,"who_may_generate":"members","max_active_tokens_per_user":5,)"
                           R"("access_token_seconds":600,"refresh_retry_seconds":0,"allowed_scopes":["files.read"])";
  const Reply set = put(ada, path("/policy"), base + R"(,"access_token_format":"opaque"})");
  REQUIRE(set.status == 200);
  CHECK(set.text("access_token_format") == "opaque");
  const Reply generated = post(ada, path("/tokens"), R"({"name":"x","lifetime_days":1,"scope":"tally:tokens.read"})");
  REQUIRE(generated.status == 201);
  CHECK(generated.text("access_token").starts_with("tla_"));
  CHECK(generated.number("expires_in") == 600);
  const testing::Visitor bearer{ada.id, {}, generated.text("access_token")};
  CHECK(get(bearer, path("/tokens")).status == 200);
  CHECK(post(bearer, path("/tokens"), R"({"name":"y","lifetime_days":1})").status == 403);
  now += 600s;
  CHECK(get(bearer, path("/tokens")).status == 401);

  const auto events = events_of(core::EventType::token_generated);
  CHECK(std::get<core::TokenGenerated>(events.back().payload).access_token_hash ==
        testing::digest_of(generated.text("access_token")));
  // Left out it is jwt again; a word that is none is named.
  CHECK(put(ada, path("/policy"), base + "}").text("access_token_format") == "jwt");
  CHECK(post(ada, path("/tokens"), R"({"name":"z","lifetime_days":1})").text("access_token").find('.') !=
        std::string::npos);
  CHECK(fields_of(put(ada, path("/policy"), base + R"(,"access_token_format":"xml"})")) ==
        Fields{"access_token_format"});
}
