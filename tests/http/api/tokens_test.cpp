#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/secret.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
using testing::Visitor;

namespace {

using Fields = std::vector<std::string>;

std::vector<std::string> ids_of(const Reply& page) {
  std::vector<std::string> ids;
  const auto json = page.json();
  for (const auto& item : json.at("items").as_array()) ids.emplace_back(item.at("id").as_string());
  return ids;
}

std::string batch(const std::vector<std::string>& ids) {
  std::string body = R"({"ids":[)";
  for (const std::string& id : ids) body += (&id == &ids.front() ? "\"" : ",\"") + id + "\"";
  return body + "]}";
}

std::vector<std::string> outcomes_of(const Reply& reply) {
  std::vector<std::string> outcomes;
  const auto json = reply.json();
  for (const auto& result : json.at("results").as_array()) outcomes.emplace_back(result.at("outcome").as_string());
  return outcomes;
}

}  // namespace

TEST_CASE_METHOD(ApiFixture, "generate: both secrets once, and an access token that is what the answer says",
                 "[api][tokens]") {
  const Reply reply = post(grace, path("/tokens"), R"({"name":"  build robot ","lifetime_days":90})");
  REQUIRE(reply.status == 201);
  CHECK(reply.header("Cache-Control") == "no-store");
  const auto json = reply.json();
  const std::string id{json.at("token").at("id").as_string()};
  CHECK(reply.header("Location") == path("/tokens/" + id));
  CHECK(json.at("token").at("name") == "build robot");
  CHECK(json.at("token").at("owner").at("username") == "grace");
  CHECK(json.at("expires_in") == 3'600);
  CHECK(json.at("refresh_token_expires_in") == 90 * 86'400);
  CHECK(core::OpaqueSecret::parse(core::SecretKind::refresh_token, reply.text("refresh_token")).has_value());

  const auto claims = access_tokens.verify(reply.text("access_token"), now);
  REQUIRE(claims.has_value());
  CHECK(claims->token.str() == id);
  CHECK(claims->subject == grace.id);
  CHECK(claims->expires_at_seconds - claims->issued_at_seconds == 3'600);

  const Reply shown = get(grace, path("/tokens/" + id));
  CHECK(shown.json() == json.at("token"));
  CHECK(get(edith, path("/events")).body.find("tlr_") == std::string::npos);
}

TEST_CASE_METHOD(ApiFixture, "generate: the access token says what the clock says, even if it ran back",
                 "[api][tokens]") {
  generate(grace);
  now -= std::chrono::hours{2};
  const Reply reply = post(grace, path("/tokens"), R"({"name":"x","lifetime_days":1})");
  REQUIRE(reply.status == 201);
  const auto claims = access_tokens.verify(reply.text("access_token"), now);
  REQUIRE(claims.has_value());
  CHECK(claims->issued_at_seconds == core::seconds_of(now));
  CHECK(claims->expires_at_seconds == core::seconds_of(now) + 3'600);
}

TEST_CASE_METHOD(ApiFixture, "generate: each bad field is named", "[api][tokens]") {
  const auto [body, status, fields] = GENERATE(table<std::string, unsigned, Fields>({
      {R"({})", 400, {"name", "lifetime_days"}},
      {R"({"name":"","lifetime_days":1})", 400, {"name"}},
      {R"({"name":"a\u0007b","lifetime_days":1})", 400, {"name"}},
      {R"({"name":"x","lifetime_days":0})", 400, {"lifetime_days"}},
      {R"({"name":"x","lifetime_days":0.5,"colour":"red"})", 400, {"lifetime_days", "colour"}},
      {R"({"name":"x","lifetime_days":1,"scope":"a\"b"})", 400, {"scope"}},
      {R"({"name":"x","lifetime_days":1,"scope":"not.allowed"})", 400, {"scope"}},
      {R"([])", 400, {}},
  }));
  CAPTURE(body);
  const Reply reply = post(grace, path("/tokens"), body);
  CHECK(reply.status == status);
  CHECK(fields_of(reply) == fields);
  CHECK(events_of(core::EventType::token_generated).empty());
}

TEST_CASE_METHOD(ApiFixture, "generate: what the policy does not allow is told with the rest", "[api][tokens]") {
  std::string policy = get(ada, path("/policy")).body;
  const std::string_view longest = R"("max_lifetime_days":365)";
  policy.replace(policy.find(longest), longest.size(), R"("max_lifetime_days":30)");
  REQUIRE(put(ada, path("/policy"), policy).status == 200);
  const Reply both = post(grace, path("/tokens"), R"({"name":"x","lifetime_days":31,"scope":"not.allowed"})");
  CHECK(both.status == 400);
  CHECK(both.text("code") == "invalid_argument");
  CHECK(fields_of(both) == Fields{"lifetime_days", "scope"});
  const Reply all = post(grace, path("/tokens"), R"({"name":"","lifetime_days":31,"scope":"not.allowed","colour":1})");
  CHECK(fields_of(all) == Fields{"name", "colour", "lifetime_days", "scope"});
  CHECK(fields_of(post(grace, path("/tokens"), R"({"name":"","lifetime_days":366,"scope":"a\"b"})")) ==
        Fields{"name", "lifetime_days", "scope"});
  // Alone, it has its own code.
  CHECK(post(grace, path("/tokens"), R"({"name":"x","lifetime_days":30,"scope":"not.allowed"})").text("code") ==
        "scope_exceeded");
  CHECK(events_of(core::EventType::token_generated).empty());
}

TEST_CASE_METHOD(ApiFixture, "list: one's own unless asked otherwise; filters, search and order", "[api][tokens]") {
  const std::string mine = generate(grace, "alpha");
  now += std::chrono::seconds{1};
  const std::string hers = generate(ada, "Beta");
  now += std::chrono::seconds{1};
  const std::string also_mine = generate(grace, "alphabet");
  post(grace, path("/tokens/" + mine + ":disable"), {});
  using Ids = std::vector<std::string>;
  CHECK(ids_of(get(grace, path("/tokens"))) == Ids{also_mine, mine});
  CHECK(ids_of(get(grace, path("/tokens?owner=" + grace.id.str()))) == Ids{also_mine, mine});
  CHECK(ids_of(get(edith, path("/tokens"))).empty());
  CHECK(ids_of(get(edith, path("/tokens?owner=all&sort=created_at"))) == Ids{mine, hers, also_mine});
  CHECK(ids_of(get(ada, path("/tokens?owner=all&sort=-name"))).size() == 3);
  CHECK(ids_of(get(ada, path("/tokens?owner=all&status=disabled"))) == Ids{mine});
  CHECK(ids_of(get(ada, path("/tokens?owner=all&q=BET&sort=created_at"))) == Ids{hers, also_mine});
  CHECK(ids_of(get(ada, path("/tokens?owner=all&q=" + hers))) == Ids{hers});
  CHECK(get(grace, path("/tokens?owner=all")).status == 403);
  CHECK(get(grace, path("/tokens?owner=" + ada.id.str())).status == 403);
  for (const char* bad : {"owner=x", "status=deleted", "sort=colour", "sort=--name", "q=", "limit=0", "cursor=AAAA"}) {
    CAPTURE(bad);
    const bool is_good = std::string{bad} == "q=";
    CHECK(get(ada, path("/tokens?") + bad).status == (is_good ? 200U : 400U));
  }
  CHECK(fields_of(get(ada, path("/tokens?cursor=AAAA"))) == Fields{"cursor"});
  CHECK(fields_of(get(ada, path("/tokens?q=" + std::string(481, 'x')))) == Fields{"q"});
}

TEST_CASE_METHOD(ApiFixture, "list: pages neither repeat nor lose a token, in every order", "[api][tokens][paging]") {
  std::vector<std::string> all;
  for (int index = 0; index < 7; ++index) {
    now += std::chrono::seconds{index % 2};
    all.push_back(generate(grace, "t" + std::to_string(index % 3)));
  }
  std::sort(all.begin(), all.end());
  const auto sort = GENERATE(values<std::string>({"created_at", "-created_at", "expires_at", "-expires_at", "name",
                                                  "-name", "last_refreshed_at", "-last_refreshed_at", "last_used_at",
                                                  "-last_used_at", "status", "-status"}));
  CAPTURE(sort);
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Reply page = get(grace, path("/tokens?limit=3&sort=" + sort + (cursor.empty() ? "" : "&cursor=" + cursor)));
    REQUIRE(page.status == 200);
    for (const std::string& id : ids_of(page)) seen.push_back(id);
    cursor = page.text("next_cursor");
  } while (!cursor.empty() && seen.size() < 100);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == all);
}

TEST_CASE_METHOD(ApiFixture, "disable: once, for ever, with a reason; access tokens end if asked", "[api][tokens]") {
  const Visitor bearer = bearer_of(grace, "tally:tokens.read");
  const std::string id = ids_of(get(grace, path("/tokens"))).front();
  const Reply disabled = post(grace, path("/tokens/" + id + ":disable"), R"({"reason":"lost laptop"})");
  REQUIRE(disabled.status == 200);
  CHECK(disabled.text("status") == "disabled");
  CHECK(disabled.text("disabled_reason") == "lost laptop");
  CHECK(disabled.json().at("disabled_by").at("username") == "grace");
  CHECK(get(bearer, path("/tokens")).status == 200);
  CHECK_FALSE(post(ada, path("/tokens/" + id + ":disable"), "{}").header("Tally-Sequence").has_value());
  CHECK(post(ada, path("/tokens/" + id + ":disable"), R"({"access":"revoke"})").status == 200);
  CHECK(get(bearer, path("/tokens")).status == 401);
  CHECK(fields_of(post(ada, path("/tokens/" + id + ":disable"), R"({"access":"burn","reason":7})")) ==
        Fields{"reason", "access"});
  CHECK(post(ada, path("/tokens/nonsense:disable"), "{}").status == 404);
}

TEST_CASE_METHOD(ApiFixture, "delete: gone from lists and by id, but not from the ledger", "[api][tokens]") {
  const std::string id = generate(grace);
  CHECK(fields_of(remove(grace, path("/tokens/" + id + "?access=burn"))) == Fields{"access"});
  const Reply deleted = remove(grace, path("/tokens/" + id + "?access=revoke&reason=spring%20cleaning"));
  CHECK(deleted.status == 204);
  const std::string sequence = deleted.header("Tally-Sequence").value();
  CHECK(get(grace, path("/tokens/" + id)).status == 404);
  CHECK(ids_of(get(grace, path("/tokens"))).empty());
  CHECK(remove(grace, path("/tokens/" + id)).status == 404);
  CHECK(get(grace, path("/tokens/" + id + "?as_of=" + sequence)).text("status") == "deleted");
  const auto history = get(grace, path("/tokens/" + id + "/events")).json();
  CHECK(history.at("items").as_array().size() == 2);
  CHECK(history.at("items").at(1).at("data").at("reason") == "spring cleaning");
}

TEST_CASE_METHOD(ApiFixture, "as_of: the token as it stood, by sequence and by time", "[api][tokens]") {
  const Reply generated = post(grace, path("/tokens"), R"({"name":"x","lifetime_days":1})");
  const std::string id{generated.json().at("token").at("id").as_string()};
  const std::string sequence = generated.header("Tally-Sequence").value();
  const std::string time = core::to_rfc3339(now);
  now += std::chrono::minutes{1};
  post(grace, path("/tokens/" + id + ":disable"), {});
  CHECK(get(grace, path("/tokens/" + id)).text("status") == "disabled");
  CHECK(get(grace, path("/tokens/" + id + "?as_of=" + sequence)).text("status") == "active");
  CHECK(get(grace, path("/tokens/" + id + "?as_of=" + time)).text("status") == "active");
  CHECK(get(grace, path("/tokens/" + id + "?as_of=0")).status == 404);
  CHECK(fields_of(get(grace, path("/tokens/" + id + "?as_of=yesterday"))) == Fields{"as_of"});
  CHECK(get(stranger, path("/tokens/" + id + "?as_of=" + sequence)).status == 404);
}

TEST_CASE_METHOD(ApiFixture, "several: an outcome per id, in the order asked", "[api][tokens]") {
  const std::string mine = generate(grace);
  const std::string hers = generate(ada);
  const std::string none = "tok_00000000000000000000000000";
  using Outcomes = std::vector<std::string>;
  CHECK(outcomes_of(post(grace, path("/tokens:batchDisable"), batch({none, mine, hers, mine}))) ==
        Outcomes{"not_found", "disabled", "not_found", "already_disabled"});
  CHECK(outcomes_of(post(edith, path("/tokens:batchDisable"), batch({hers}))) == Outcomes{"forbidden"});
  CHECK(outcomes_of(post(ada, path("/tokens:batchDelete"), batch({mine, hers, none}))) ==
        Outcomes{"deleted", "deleted", "not_found"});
  for (const std::string& bad : {std::string{R"({"ids":[]})"}, std::string{R"({"ids":["nonsense"]})"},
                                 std::string{R"({"ids":"x"})"}, std::string{"{}"}}) {
    CAPTURE(bad);
    CHECK(fields_of(post(ada, path("/tokens:batchDelete"), bad)) == Fields{"ids"});
  }
  CHECK(outcomes_of(post(ada, path("/tokens:batchDisable"), batch(Outcomes(1'000, none)))).size() == 1'000);
  CHECK(post(ada, path("/tokens:batchDisable"), batch(Outcomes(1'001, none))).status == 400);
}

TEST_CASE_METHOD(ApiFixture, "cut-off: stops everything older, in as many steps as it takes", "[api][tokens]") {
  const core::Actor actor{core::ActorKind::user, grace.id.uuid()};
  auto policy = core::Policy{};
  policy.max_active_tokens_per_user = 5'000;
  must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{workspace, policy});
  constexpr int kTokens = 1'203;
  for (int index = 0; index < kTokens; ++index) {
    core::GenerateToken command;
    command.id = core::draw_id<core::TokenId>(random, now);
    command.workspace = workspace;
    command.name = "old";
    command.lifetime_days = 1;
    random.fill(command.secret_hash.bytes);
    command.access_token = core::draw_id<core::AccessTokenId>(random, now);
    must(actor, command);
  }
  now += std::chrono::seconds{1};
  const std::string body = R"({"time":")" + core::to_rfc3339(now) + R"("})";
  const Reply reply = post(ada, path("/tokens:disableIssuedBefore"), body);
  REQUIRE(reply.status == 200);
  CHECK(reply.number("count") == kTokens);
  CHECK(events_of(core::EventType::cut_off_moved).size() == 1);
  CHECK(post(ada, path("/tokens:disableIssuedBefore"), body).number("count") == 0);
  const std::string young = generate(grace, "young");
  CHECK(get(grace, path("/tokens/" + young)).text("status") == "active");
  const std::string future = core::to_rfc3339(now + std::chrono::seconds{1});
  CHECK(fields_of(post(ada, path("/tokens:disableIssuedBefore"), R"({"time":")" + future + R"("})")) == Fields{"time"});
  CHECK(fields_of(post(ada, path("/tokens:disableIssuedBefore"), R"({"owner":"me"})")) == Fields{"time", "owner"});
}
