#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Headers;
using testing::Reply;
using testing::Visitor;

namespace {

Headers if_match(const std::string& tag) { return {{"If-Match", tag}}; }
Headers if_none_match(const std::string& tag) { return {{"If-None-Match", tag}}; }

const std::string kPolicy = R"({"max_lifetime_days":90,"who_may_generate":"members","max_active_tokens_per_user":10,)"
                            R"("access_token_seconds":600,"refresh_retry_seconds":0,"allowed_scopes":[]})";

}  // namespace

TEST_CASE_METHOD(ApiFixture, "etag: single resources have one, and an unchanged one is not sent again", "[api][etag]") {
  const std::string id = generate(grace);
  struct Case {
    const Visitor& who;
    std::string target;
  };
  const std::vector<Case> cases{{grace, path("/tokens/" + id)},
                                {grace, path()},
                                {grace, path("/policy")},
                                {grace, "/v1/users/" + grace.id.str()}};
  for (const Case& one : cases) {
    CAPTURE(one.target);
    const Reply first = get(one.who, one.target);
    const std::string tag = first.header("ETag").value();
    const Reply again = get(one.who, one.target, if_none_match(tag));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(again.header("ETag") == tag);
    CHECK_FALSE(again.header("Content-Type").has_value());
    CHECK(get(one.who, one.target, if_none_match("\"x\", W/" + tag)).status == 304);
    CHECK(get(one.who, one.target, if_none_match("*")).status == 304);
    CHECK(get(one.who, one.target, if_none_match("\"0-AAAAAAAAAAAAAAAA\"")).status == 200);
    CHECK(get(one.who, one.target, if_none_match("what is this")).body == first.body);
  }
}

TEST_CASE_METHOD(ApiFixture, "etag: it changes with the state, and with what is told beside it", "[api][etag]") {
  const std::string id = generate(grace);
  const std::string fresh = get(grace, path("/tokens/" + id)).header("ETag").value();
  usage.record(core::TokenId::parse(id).value(), now);
  usage.flush(now);
  must({core::ActorKind::user, ada.id.uuid()}, core::SignOut{});  // comes after the flush
  const std::string used = get(grace, path("/tokens/" + id)).header("ETag").value();
  CHECK(used != fresh);
  // The use of a token is no change of it: both tags are of the same version.
  CHECK(used.substr(0, used.find('-')) == fresh.substr(0, fresh.find('-')));
  const Reply disabled = post(grace, path("/tokens/" + id + ":disable"), {}, if_match(fresh));
  REQUIRE(disabled.status == 200);
  CHECK(disabled.header("ETag") == get(grace, path("/tokens/" + id)).header("ETag"));
  CHECK(get(grace, path("/tokens/" + id + "?as_of=" + disabled.header("Tally-Sequence").value())).header("ETag") ==
        std::nullopt);
}

TEST_CASE_METHOD(ApiFixture, "if-match: a token that has changed is neither disabled nor deleted", "[api][etag]") {
  const std::string id = generate(grace);
  const std::string target = path("/tokens/" + id);
  const std::string first = get(grace, target).header("ETag").value();
  must({core::ActorKind::client, workspace.uuid()},
       core::RevokeAccessToken{workspace, core::TokenId::parse(id).value(),
                               core::draw_id<core::AccessTokenId>(random, now), now + std::chrono::seconds{60}});
  const Reply refused = post(grace, target + ":disable", {}, if_match(first));
  CHECK(refused.status == 412);
  CHECK(refused.text("code") == "precondition_failed");
  CHECK(remove(grace, target, if_match(first)).status == 412);
  CHECK(remove(grace, target, if_match("W/" + get(grace, target).header("ETag").value())).status == 412);
  CHECK(remove(grace, target, if_match("\"never given\"")).status == 412);
  CHECK(get(grace, target).text("status") == "active");
  // Who has no power over it learns nothing of its version.
  CHECK(remove(stranger, target, if_match(first)).status == 404);
  CHECK(remove(edith, target, if_match(first)).status == 403);
  const std::string now_tag = get(grace, target).header("ETag").value();
  CHECK(post(grace, target + ":disable", {}, if_match(first + ", " + now_tag)).status == 200);
  CHECK(remove(grace, target, if_match("*")).status == 204);
  CHECK(remove(grace, target, if_match("*")).status == 404);
}

TEST_CASE_METHOD(ApiFixture, "if-match: two admins do not overwrite each other's policy", "[api][etag]") {
  const std::string seen = get(ada, path("/policy")).header("ETag").value();
  const Reply changed = put(ada, path("/policy"), kPolicy, if_match(seen));
  REQUIRE(changed.status == 200);
  CHECK(changed.header("ETag") == get(ada, path("/policy")).header("ETag"));
  CHECK(put(ada, path("/policy"), kPolicy, if_match(seen)).status == 412);
  // A new member changes the workspace, not its policy.
  join(stranger, core::Role::member);
  CHECK(put(ada, path("/policy"), kPolicy, if_match(changed.header("ETag").value())).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "if-match: of members and people", "[api][etag]") {
  const std::string member = path("/members/" + stranger.id.str());
  CHECK(put(ada, member, R"({"role":"member"})", if_match("*")).status == 412);  // not there yet
  const std::string first = put(ada, member, R"({"role":"member"})").header("ETag").value();
  const Reply second = put(ada, member, R"({"role":"auditor"})", if_match(first));
  REQUIRE(second.status == 200);
  CHECK(put(ada, member, R"({"role":"admin"})", if_match(first)).status == 412);
  CHECK(remove(ada, member, if_match(first)).status == 412);
  CHECK(remove(ada, member, if_match(second.header("ETag").value())).status == 200);

  const std::string user = "/v1/users/" + stranger.id.str();
  const std::string seen = get(root, user).header("ETag").value();
  sign_in(stranger.id);  // no change of the person
  CHECK(post(root, user + ":setPassword", R"({"password":"the difference engine"})", if_match(seen)).status == 200);
  CHECK(post(root, user + ":setPassword", R"({"password":"the difference engine"})", if_match(seen)).status == 412);
  CHECK(post(root, user + ":deactivate", {}, if_match(seen)).status == 412);
  CHECK(post(root, user + ":deactivate", {}, if_match(get(root, user).header("ETag").value())).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "if-match: the form of the field is checked", "[api][etag]") {
  const std::string target = path("/tokens/" + generate(grace));
  std::string many;
  for (int count = 0; count < 17; ++count) many += "\"1\",";
  for (const std::string& bad :
       {std::string{"1"}, std::string{"\"1"}, std::string{"\"1\" \"2\""}, std::string{}, std::string{" , "}, many}) {
    CAPTURE(bad);
    const Reply reply = remove(grace, target, if_match(bad));
    CHECK(reply.status == 400);
    CHECK(fields_of(reply) == std::vector<std::string>{"If-Match"});
  }
  CHECK(remove(grace, target, {{"If-Match", "\"1\""}, {"If-Match", "\"1\""}}).status == 400);
}
