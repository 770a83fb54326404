#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

/// What whoever stole an access token can do with it: never more than it was given.
using namespace tally;
using testing::ApiFixture;
using testing::Headers;
using testing::Reply;
using testing::Visitor;

namespace {

struct Loot {
  std::string id;
  std::string refresh_token;
  Visitor bearer;
};

class ThiefFixture : public ApiFixture {
 public:
  ThiefFixture() {
    core::Policy policy;
    policy.allowed_scopes = *core::ScopeSet::parse("orders.read orders.write pay.out", 9);
    must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{workspace, policy});
  }
  Loot steal(const Visitor& from, const std::string& scope, int days = 30) {
    const Reply reply = ask(from, days, scope);
    REQUIRE(reply.status == 201);
    return {std::string{reply.json().at("token").at("id").as_string()},
            reply.text("refresh_token"),
            {from.id, {}, reply.text("access_token")}};
  }
  Reply ask(const Visitor& visitor, int days, const std::string& scope, const Headers& more = {}) {
    const std::string asked = scope.empty() ? "" : R"(,"scope":")" + scope + R"(")";
    return post(visitor, path("/tokens"), R"({"name":"t","lifetime_days":)" + std::to_string(days) + asked + "}", more);
  }
  Reply token_request(const std::string& form) {
    return call({http::Method::post,
                 "/oauth2/token",
                 {{"Content-Type", "application/x-www-form-urlencoded"}},
                 "client_id=" + workspace.str() + "&" + form});
  }
  Reply refresh(const std::string& secret) { return token_request("grant_type=refresh_token&refresh_token=" + secret); }
  Visitor exchanged(const Visitor& bearer, const std::string& scope) {
    const Reply reply =
        token_request("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=" + bearer.bearer +
                      "&subject_token_type=urn:ietf:params:oauth:token-type:access_token&scope=" + scope);
    REQUIRE(reply.status == 200);
    return {bearer.id, {}, reply.text("access_token")};
  }
  /// Everything that a bearer can ask to be changed is refused.
  void check_powerless(const Visitor& bearer) {
    const std::string victim = generate(ada, "victim");
    const std::string ids = R"({"ids":[")" + victim + R"("]})";
    for (const Reply& reply :
         {ask(bearer, 1, ""), ask(bearer, 1, "tally:tokens.write"),
          post(bearer, path("/tokens/" + victim + ":disable"), ""), remove(bearer, path("/tokens/" + victim)),
          post(bearer, path("/tokens:batchDisable"), ids), post(bearer, path("/tokens:batchDelete"), ids),
          post(bearer, path("/tokens:disableIssuedBefore"), R"({"time":"2027-01-15T08:00:00Z"})"),
          post(bearer, path("/tokens/" + victim + ":disable"), "", {{"Idempotency-Key", "k"}})}) {
      CHECK(reply.status == 401);
      CHECK(reply.header("WWW-Authenticate").value_or("").find("invalid_token") != std::string::npos);
    }
    testing::Call import = call_of(bearer, http::Method::post, path("/legacy-tokens:import"));
    import.headers.emplace_back("Content-Type", "application/x-ndjson");
    import.body = R"({"hash":")" + std::string(64, 'a') + R"(","owner":"ada","description":"x"})" + "\n";
    const Reply imported = send_raw(import);
    CHECK(imported.status != 200);
    CHECK(get(ada, path("/tokens/" + victim)).text("status") == "active");
    CHECK(events_of(core::EventType::legacy_token_imported).empty());
  }
};

}  // namespace

TEST_CASE_METHOD(ThiefFixture, "bearer: a token gives no scope and no day that it has not", "[api][bearer]") {
  const Loot loot = steal(grace, "tally:tokens.write", 1);
  CHECK(fields_of(ask(loot.bearer, 365, "")) == std::vector<std::string>{"lifetime_days"});
  const Loot longer = steal(grace, "orders.read tally:tokens.write", 30);
  for (const char* scope : {"pay.out", "orders.read pay.out", "tally:audit.read", "tally:tokens.read orders.read"}) {
    const Reply reply = ask(longer.bearer, 7, scope);
    CHECK(reply.status == 400);
    CHECK(reply.text("code") == "scope_exceeded");
  }
  const Reply child = ask(longer.bearer, 7, "");
  REQUIRE(child.status == 201);
  CHECK(child.json().at("token").at("scope") == "orders.read");
  CHECK(std::string{child.json().at("token").at("parent_token_id").as_string()} == longer.id);
  CHECK(ask(longer.bearer, 30, "orders.read tally:tokens.write").status == 201);  // in the same moment: ends with it
  now += std::chrono::minutes{1};
  const Reply late = ask(longer.bearer, 30, "orders.read");
  CHECK(late.status == 400);
  CHECK(late.json().at("errors").at(0).at("message") == "1 to 29 whole days are allowed, not 30");
}

TEST_CASE_METHOD(ThiefFixture, "bearer: an access token that was exchanged for a narrower one gives no more than that",
                 "[api][bearer]") {
  const Loot loot = steal(grace, "orders.read tally:tokens.write");
  const Visitor narrow = exchanged(loot.bearer, "tally:tokens.write");
  CHECK(ask(narrow, 1, "orders.read").status == 400);
  const Reply child = ask(narrow, 1, "");
  REQUIRE(child.status == 201);
  CHECK(child.json().at("token").at("scope") == "");
}

TEST_CASE_METHOD(ThiefFixture, "bearer: of a disabled token, though its access tokens run out, changes nothing",
                 "[api][bearer]") {
  const Loot loot = steal(ada, "orders.read tally:tokens.read tally:tokens.write");
  CHECK(post(ada, path("/tokens/" + loot.id + ":disable"), R"({"access":"keep"})").status == 200);
  CHECK(get(loot.bearer, path("/tokens")).status == 200);  // reading runs out with the access token
  check_powerless(loot.bearer);
}

TEST_CASE_METHOD(ThiefFixture, "bearer: of a token whose reuse was seen, has nothing any more", "[api][bearer]") {
  const Loot loot = steal(ada, "orders.read tally:tokens.read tally:tokens.write");
  const Reply second = refresh(loot.refresh_token);
  const Visitor thief{ada.id, {}, refresh(second.text("refresh_token")).text("access_token")};
  const Reply child = ask(thief, 1, "orders.read tally:tokens.write");
  REQUIRE(child.status == 201);
  const Visitor child_bearer{ada.id, {}, child.text("access_token")};
  now += std::chrono::minutes{2};
  CHECK(refresh(loot.refresh_token).status == 400);
  CHECK(get(thief, path("/tokens")).status == 401);
  check_powerless(thief);
  check_powerless(child_bearer);
  CHECK(refresh(child.text("refresh_token")).text("error") == "invalid_grant");
  const std::string id{child.json().at("token").at("id").as_string()};
  CHECK(get(ada, path("/tokens/" + id)).text("status") == "disabled");
}

TEST_CASE_METHOD(ThiefFixture, "bearer: every event and denial says which credential acted", "[api][bearer]") {
  const Loot loot = steal(ada, "orders.read tally:tokens.read tally:tokens.write");
  const auto claims = access_tokens.verify(loot.bearer.bearer, now);
  const core::Credential stolen{core::CredentialKind::access_token, claims->token.uuid(), claims->id.uuid()};
  const core::Credential session{core::CredentialKind::session, {}, {}};
  const Reply child = ask(loot.bearer, 1, "orders.read");
  REQUIRE(child.status == 201);
  const auto generated = events_of(core::EventType::token_generated);
  REQUIRE(generated.size() == 2);
  const auto by = [&](const core::Credential& credential) {
    return std::find_if(generated.begin(), generated.end(),
                        [&](const core::Event& event) { return event.credential == credential; });
  };
  REQUIRE(by(stolen) != generated.end());
  REQUIRE(by(session) != generated.end());
  CHECK(std::get<core::TokenGenerated>(by(stolen)->payload).parent == claims->token);
  CHECK(std::get<core::TokenGenerated>(by(session)->payload).parent.is_nil());

  // The thief's attempts are not counted under the owner's session.
  for (int count = 0; count < 3; ++count) {
    CHECK(get(loot.bearer, path("/policy")).status == 403);
    CHECK(ask(loot.bearer, 1, "pay.out").status == 400);
  }
  CHECK(post(ada, "/v1/workspaces", R"({"name":"x"})").status == 403);
  denied.flush_all();
  must({core::ActorKind::operator_person, root.id.uuid()}, core::SignOut{});
  std::uint64_t by_thief = 0;
  for (const core::Event& event : events_of(core::EventType::command_denied)) {
    CHECK(event.credential == stolen);
    by_thief += std::get<core::CommandDenied>(event.payload).count;
  }
  CHECK(by_thief == 6);

  refresh(loot.refresh_token);
  const auto refreshed = events_of(core::EventType::token_refreshed);
  REQUIRE(refreshed.size() == 1);
  CHECK(refreshed[0].credential == core::Credential{core::CredentialKind::refresh_token, {}, {}});
  exchanged(loot.bearer, "orders.read");
  const auto exchanges = events_of(core::EventType::access_exchanged);
  REQUIRE(exchanges.size() == 1);
  CHECK(exchanges[0].credential == stolen);
}

TEST_CASE_METHOD(ThiefFixture, "bearer: what a session was told under a key is told to no access token of its person",
                 "[api][bearer][idempotency]") {
  const Loot loot = steal(grace, "orders.read tally:tokens.write");
  const Headers key{{"Idempotency-Key", "k"}};
  const Reply by_session = ask(grace, 7, "orders.read", key);
  REQUIRE(by_session.status == 201);
  const Reply by_bearer = ask(loot.bearer, 7, "orders.read", key);
  REQUIRE(by_bearer.status == 201);
  CHECK(by_bearer.text("refresh_token") != by_session.text("refresh_token"));
  CHECK(ask(sign_in(grace.id), 7, "orders.read", key).text("refresh_token") != by_session.text("refresh_token"));
  // Each has its own again. Another access token of the same token may have less scope: it is another credential.
  CHECK(ask(grace, 7, "orders.read", key).body == by_session.body);
  CHECK(ask(loot.bearer, 7, "orders.read", key).body == by_bearer.body);
  const Visitor fresh{grace.id, {}, refresh(loot.refresh_token).text("access_token")};
  CHECK(ask(fresh, 7, "orders.read", key).text("refresh_token") != by_bearer.text("refresh_token"));
  const Loot other = steal(grace, "orders.read tally:tokens.write");
  CHECK(ask(other.bearer, 7, "orders.read", key).text("refresh_token") != by_bearer.text("refresh_token"));
}

TEST_CASE_METHOD(ThiefFixture, "bearer: a stopped one is refused where no command would be needed",
                 "[api][bearer][idempotency]") {
  const Loot loot = steal(grace, "orders.read tally:tokens.write");
  const Headers key{{"Idempotency-Key", "k"}};
  REQUIRE(ask(loot.bearer, 7, "orders.read", key).status == 201);
  const std::string unknown = R"({"ids":["tok_00000000000000000000000000"]})";
  REQUIRE(post(loot.bearer, path("/tokens:batchDisable"), unknown).status == 200);
  must({core::ActorKind::user, ada.id.uuid()},
       core::DisableTokens{workspace, {*core::TokenId::parse(loot.id)}, core::AccessFate::keep, ""});
  CHECK(ask(loot.bearer, 7, "orders.read", key).status == 401);
  CHECK(post(loot.bearer, path("/tokens:batchDisable"), unknown).status == 401);
  CHECK(post(loot.bearer, path("/tokens:batchDelete"), unknown).status == 401);
}

TEST_CASE_METHOD(ThiefFixture, "bearer: a refresh gives no scope that the policy has taken back", "[api][bearer]") {
  const Loot loot = steal(grace, "orders.read pay.out tally:tokens.read");
  core::Policy policy;
  policy.allowed_scopes = *core::ScopeSet::parse("orders.read", 9);
  must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{workspace, policy});
  const std::string form = "grant_type=refresh_token&refresh_token=" + loot.refresh_token;
  CHECK(token_request(form + "&scope=pay.out").text("error") == "invalid_scope");
  const Reply reply = token_request(form);
  REQUIRE(reply.status == 200);
  CHECK(reply.text("scope") == "orders.read tally:tokens.read");
  CHECK(access_tokens.verify(reply.text("access_token"), now)->scope.str() == "orders.read tally:tokens.read");
}
