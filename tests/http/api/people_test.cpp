#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
using testing::Visitor;

namespace {

const std::string kNewUser = R"({"username":"Babbage","display_name":" Charles ","password":"the difference engine"})";

using Fields = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(ApiFixture, "users: the operator creates, lists and deactivates people", "[api][people]") {
  const Reply created = post(root, "/v1/users", kNewUser);
  REQUIRE(created.status == 201);
  CHECK(created.text("username") == "babbage");
  CHECK(created.text("display_name") == "Charles");
  CHECK(created.body.find("argon2") == std::string::npos);
  CHECK(created.header("Location") == "/v1/users/" + created.text("id"));
  CHECK(get(root, created.header("Location").value()).json() == created.json());
  CHECK(post(root, "/v1/users", kNewUser).status == 409);

  const std::string target = "/v1/users/" + created.text("id") + ":deactivate";
  const Reply gone = post(root, target, {});
  CHECK(gone.status == 200);
  CHECK(gone.header("Tally-Sequence").has_value());
  CHECK_FALSE(get(root, created.header("Location").value()).text("deactivated_at").empty());
  const Reply again = post(root, target, {});
  CHECK(again.status == 200);
  CHECK_FALSE(again.header("Tally-Sequence").has_value());
  CHECK(post(root, "/v1/users/" + root.id.str() + ":deactivate", {}).status == 409);
}

TEST_CASE_METHOD(ApiFixture, "users: each bad field is named", "[api][people]") {
  const auto [body, fields] = GENERATE(table<std::string, Fields>({
      {R"({})", {"username", "display_name", "password"}},
      {R"({"username":"a b","display_name":"x","password":"the difference engine"})", {"username"}},
      {R"({"username":"x","display_name":"","password":"the difference engine"})", {"display_name"}},
      {R"({"username":"x","display_name":"x","password":"eleven char"})", {"password"}},
      {R"({"username":"x","display_name":"x","password":"the difference engine","email":"nobody"})", {"email"}},
      {R"({"username":"x","display_name":"x","password":"the difference engine","is_operator":true})", {"is_operator"}},
      {R"({"username":"-","display_name":" ","password":"short","email":"nobody","a":1,"b":2})",
       {"username", "display_name", "email", "password", "a", "b"}},
  }));
  CAPTURE(body);
  const Reply reply = post(root, "/v1/users", body);
  CHECK(reply.status == 400);
  CHECK(fields_of(reply) == fields);
}

TEST_CASE_METHOD(ApiFixture, "users: everybody reads themself, and nobody else but the operator", "[api][people]") {
  CHECK(get(grace, "/v1/users/" + grace.id.str()).text("username") == "grace");
  CHECK(get(grace, "/v1/users/" + ada.id.str()).status == 404);
  CHECK(get(ada, "/v1/users/" + grace.id.str()).status == 404);
  CHECK(get(root, "/v1/users/usr_00000000000000000000000000").status == 404);
  CHECK(get(root, "/v1/users/nonsense").status == 404);
}

TEST_CASE_METHOD(ApiFixture, "lists of people, workspaces, members, resource servers: pages neither repeat nor lose",
                 "[api][paging]") {
  for (int index = 0; index < 4; ++index) {
    REQUIRE(post(ada, path("/resource-servers"), R"({"name":"API"})").status == 201);
    REQUIRE(post(root, "/v1/workspaces", R"({"name":"Other"})").status == 201);
  }
  const auto [target, count] = GENERATE(table<std::string, std::size_t>(
      {{"/v1/users", 5}, {"/v1/workspaces", 5}, {"/members", 3}, {"/resource-servers", 4}}));
  const std::string list = target.starts_with("/v1") ? target : path(target);
  const Visitor& reader = target == "/resource-servers" ? ada : root;
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Reply page = get(reader, list + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    const auto json = page.json();
    CHECK(json.at("items").as_array().size() <= 2);
    for (const auto& item : json.at("items").as_array()) {
      const auto& who = target == "/members" ? item.at("user") : item;
      seen.emplace_back(who.at("id").as_string());
    }
    cursor = page.text("next_cursor");
  } while (!cursor.empty() && seen.size() < 100);
  CHECK(seen.size() == count);
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE_METHOD(ApiFixture, "workspaces: an answer says all that a client must know", "[api][workspaces]") {
  const Reply created = post(root, "/v1/workspaces", R"({"name":"Orders"})");
  REQUIRE(created.status == 201);
  const std::string id = created.text("id");
  CHECK(created.text("client_id") == id);
  CHECK(created.text("token_endpoint") == std::string{kIssuer} + "/oauth2/token");
  CHECK(created.text("audience") == std::string{kIssuer} + "/w/" + id);
  CHECK(get(root, created.header("Location").value()).json() == created.json());
  CHECK(fields_of(post(root, "/v1/workspaces", R"({"name":" "})")) == Fields{"name"});
  CHECK(get(grace, "/v1/workspaces/" + id).status == 404);

  const auto mine = get(grace, "/v1/workspaces").json();
  REQUIRE(mine.at("items").as_array().size() == 1);
  CHECK(mine.at("items").at(0).at("role") == "member");
  CHECK(get(root, "/v1/workspaces").json().at("items").as_array().size() == 2);
  CHECK(get(stranger, "/v1/workspaces").json().at("items").as_array().empty());
}

TEST_CASE_METHOD(ApiFixture, "policy: an admin replaces it as a whole; an unchanged one records nothing",
                 "[api][policy]") {
  const std::string body =
      R"({"max_lifetime_days":30,"who_may_generate":"admins","max_active_tokens_per_user":5,"access_token_seconds":60,)"
      R"("refresh_retry_seconds":0,"allowed_scopes":["b","a"]})";
  const Reply changed = put(ada, path("/policy"), body);
  REQUIRE(changed.status == 200);
  CHECK(changed.header("Tally-Sequence").has_value());
  CHECK(changed.json().at("allowed_scopes") == boost::json::value{"a", "b"});
  CHECK(get(grace, path("/policy")).json() == changed.json());
  CHECK_FALSE(put(ada, path("/policy"), changed.body).header("Tally-Sequence").has_value());
  CHECK(events_of(core::EventType::policy_changed).size() == 1);
  CHECK(post(grace, path("/tokens"), R"({"name":"x","lifetime_days":1})").status == 403);
  CHECK(fields_of(post(ada, path("/tokens"), R"({"name":"x","lifetime_days":31})")) == Fields{"lifetime_days"});
}

TEST_CASE_METHOD(ApiFixture, "policy: each bad field is named", "[api][policy]") {
  const auto [from, to, field] = GENERATE(table<std::string, std::string, std::string>({
      {R"("max_lifetime_days":365)", R"("max_lifetime_days":366)", "max_lifetime_days"},
      {R"("members")", R"("everybody")", "who_may_generate"},
      {R"("members")", R"("")", "who_may_generate"},
      {R"("max_active_tokens_per_user":100)", R"("max_active_tokens_per_user":0)", "max_active_tokens_per_user"},
      {R"("access_token_seconds":3600)", R"("access_token_seconds":59)", "access_token_seconds"},
      {R"("refresh_retry_seconds":600)", R"("refresh_retry_seconds":86401)", "refresh_retry_seconds"},
      {R"("allowed_scopes":[])", R"("allowed_scopes":["a b"])", "allowed_scopes"},
      {R"("allowed_scopes":[])", R"("allowed_scopes":[""])", "allowed_scopes"},
      {R"("allowed_scopes":[])", R"("allowed_scopes":"a")", "allowed_scopes"},
      {R"("allowed_scopes":[])", R"("allowed_scopes":[],"legacy_sunset_at":"soon")", "legacy_sunset_at"},
      {R"("refresh_retry_seconds":600,)", "", "refresh_retry_seconds"},
  }));
  std::string body = get(ada, path("/policy")).body;
  const std::size_t at = body.find(from);
  REQUIRE(at != std::string::npos);
  body.replace(at, from.size(), to);
  CAPTURE(body);
  const Reply reply = put(ada, path("/policy"), body);
  CHECK(reply.status == 400);
  CHECK(fields_of(reply) == Fields{field});
}

TEST_CASE_METHOD(ApiFixture, "policy: a scope of Tally's that is none is told with the rest", "[api][policy]") {
  const std::string body =
      R"({"max_lifetime_days":0,"who_may_generate":"members","max_active_tokens_per_user":5,"access_token_seconds":60,)"
      R"("refresh_retry_seconds":0,"allowed_scopes":["a","tally:tokens.wirte"]})";
  CHECK(fields_of(put(ada, path("/policy"), body)) == Fields{"max_lifetime_days", "allowed_scopes"});
}

TEST_CASE_METHOD(ApiFixture, "members: added, promoted, removed; the last admin keeps the role, but may go",
                 "[api][members]") {
  const std::string target = path("/members/" + stranger.id.str());
  const Reply added = put(ada, target, R"({"role":"member"})");
  CHECK(added.status == 201);
  CHECK(added.json().at("user").at("username") == "stranger");
  CHECK(put(root, target, R"({"role":"auditor"})").text("role") == "auditor");
  CHECK_FALSE(put(root, target, R"({"role":"auditor"})").header("Tally-Sequence").has_value());
  CHECK(get(stranger, path("/policy")).status == 200);
  CHECK(remove(ada, target).status == 200);
  CHECK(get(stranger, path("/policy")).status == 404);
  CHECK(remove(ada, target).status == 404);
  CHECK(put(root, path("/members/" + ada.id.str()), R"({"role":"member"})").status == 409);
  const Reply gone = remove(root, path("/members/" + ada.id.str()));
  CHECK(gone.status == 200);
  CHECK(gone.json().at("workspaces_without_admin") == boost::json::array{workspace.str()});
  CHECK(put(root, path("/members/usr_00000000000000000000000000"), R"({"role":"member"})").status == 404);
  CHECK(fields_of(put(root, target, R"({"role":"owner"})")) == Fields{"role"});
}

TEST_CASE_METHOD(ApiFixture, "members: who is removed loses their tokens in the same step", "[api][members]") {
  const std::string token = generate(grace);
  CHECK(remove(ada, path("/members/" + grace.id.str())).status == 200);
  CHECK(get(ada, path("/tokens/" + token)).text("status") == "disabled");
  CHECK(get(ada, path("/tokens/" + token)).text("disabled_cause") == "offboarding");
}

TEST_CASE_METHOD(ApiFixture, "resource servers: each bad field is named, and this server's own URIs are not free",
                 "[api][resource-servers]") {
  const auto [body, fields] = GENERATE(table<std::string, Fields>({
      {R"({})", {"name"}},
      {R"({"name":"","resource":"orders","more":1})", {"name", "resource", "more"}},
      {R"({"name":"x","resource":"https://orders.example/#a"})", {"resource"}},
      {R"({"name":"x","resource":"https://tally.example"})", {"resource"}},
      {R"({"name":"x","resource":"https://TALLY.example:443/w/x"})", {"resource"}},
      {R"({"name":"x","resource":"https://tally.example.elsewhere/"})", {}},
      {R"({"name":"x","resource":"https://tally.example:8443/"})", {}},
  }));
  CAPTURE(body);
  const Reply reply = post(ada, path("/resource-servers"), body);
  CHECK(reply.status == (fields.empty() ? 201 : 400));
  if (!fields.empty()) CHECK(fields_of(reply) == fields);
}

TEST_CASE_METHOD(ApiFixture, "resource servers: the secret is shown once and stands nowhere else",
                 "[api][resource-servers]") {
  const Reply created = post(ada, path("/resource-servers"), R"({"name":"Orders API"})");
  REQUIRE(created.status == 201);
  CHECK(created.header("Cache-Control") == "no-store");
  const std::string secret = created.text("secret");
  CHECK(core::OpaqueSecret::parse(core::SecretKind::resource_server, secret).has_value());
  const Reply list = get(ada, path("/resource-servers"));
  CHECK(list.body.find(created.text("id")) != std::string::npos);
  CHECK(list.body.find("secret") == std::string::npos);
  CHECK(get(edith, path("/events")).body.find("tls_") == std::string::npos);
  const std::string target = path("/resource-servers/" + created.text("id"));
  CHECK(remove(ada, target).status == 204);
  CHECK(remove(ada, target).status == 404);
  CHECK(get(ada, path("/resource-servers")).json().at("items").as_array().empty());
}

TEST_CASE_METHOD(ApiFixture, "users: a password is bounded and kept composed", "[api][people]") {
  const auto created = [this](const std::string& username, const std::string& password) {
    return post(root, "/v1/users",
                R"({"username":")" + username + R"(","display_name":"x","password":")" + password + R"("})");
  };
  CHECK(fields_of(created("one", "e\u0301e\u0301e\u0301abcde")) ==
        Fields{"password"});  // 14 bytes as typed, 11 composed
  REQUIRE(created("two", "de\u0301ja\u0300 vu, encore").status == 201);
  for (const char* typed : {"de\u0301ja\u0300 vu, encore", "d\u00e9j\u00e0 vu, encore"}) {
    const std::string body = R"({"username":"two","password":")" + std::string{typed} + R"("})";
    CHECK(post(nobody, "/v1/session", body).status == 200);
  }
}
