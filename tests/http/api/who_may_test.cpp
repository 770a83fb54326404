#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Visitor;

namespace {

constexpr auto kGet = http::Method::get;
constexpr auto kPost = http::Method::post;
constexpr auto kPut = http::Method::put;
constexpr auto kDelete = http::Method::delete_;

/// What everybody is told who asks for the same thing. `$W` is the workspace's path, `$T` a token of the owner's, `$U`
/// the owner, `$S` the stranger.
struct Row {
  http::Method method;
  const char* target;
  const char* body;
  unsigned root, admin, owner, member, auditor, stranger, nobody;
};

constexpr const char* kGenerateX = R"({"name":"x","lifetime_days":1})";
constexpr const char* kNone = R"({"ids":["tok_00000000000000000000000000"]})";
constexpr const char* kPolicy =
    R"({"max_lifetime_days":30,"who_may_generate":"members","max_active_tokens_per_user":5,"access_token_seconds":60,)"
    R"("refresh_retry_seconds":0,"allowed_scopes":[]})";

const Row kRows[] = {
    // method, target, body: operator, admin, owner, other member, auditor, stranger, nobody
    {kGet, "/v1/session", "", 200, 200, 200, 200, 200, 200, 401},
    {kPost, "/v1/session", "{}", 400, 400, 400, 400, 400, 400, 400},
    {kDelete, "/v1/session", "", 204, 204, 204, 204, 204, 204, 401},
    {kGet, "/v1/users", "", 200, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/users", R"({"username":"n","display_name":"n","password":""})", 400, 403, 403, 403, 403, 403, 401},
    {kGet, "/v1/users/$U", "", 200, 404, 200, 404, 404, 404, 401},
    {kPost, "/v1/users/$S:deactivate", "", 200, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/users/$S:reactivate", "", 200, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/users/$S:setOperator", R"({"standing":"operator"})", 200, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/users/$U:setPassword", "{}", 400, 404, 400, 404, 404, 404, 401},
    {kGet, "/v1/keys", "", 200, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/keys:rotate", "{}", 201, 403, 403, 403, 403, 403, 401},
    {kPost, "/v1/keys/nobodys:retire", "{}", 404, 403, 403, 403, 403, 403, 401},
    {kGet, "/v1/ledger/checkpoint", "", 200, 200, 200, 200, 200, 200, 200},
    {kGet, "/v1/ledger/key", "", 200, 200, 200, 200, 200, 200, 200},
    {kGet, "/v1/workspaces", "", 200, 200, 200, 200, 200, 200, 401},
    {kPost, "/v1/workspaces", R"({"name":"n"})", 201, 403, 403, 403, 403, 403, 401},
    {kGet, "$W", "", 200, 200, 200, 200, 200, 404, 401},
    {kGet, "$W/policy", "", 200, 200, 200, 200, 200, 404, 401},
    {kPut, "$W/policy", kPolicy, 403, 200, 403, 403, 403, 404, 401},
    {kGet, "$W/members", "", 200, 200, 403, 403, 403, 404, 401},
    {kPut, "$W/members/$S", R"({"role":"member"})", 201, 201, 403, 403, 403, 404, 401},
    {kDelete, "$W/members/$U", "", 200, 200, 403, 403, 403, 404, 401},
    {kPost, "$W/resource-servers", R"({"name":"n"})", 403, 201, 403, 403, 403, 404, 401},
    {kGet, "$W/resource-servers", "", 403, 200, 403, 403, 403, 404, 401},
    {kDelete, "$W/resource-servers/rs_00000000000000000000000000", "", 403, 404, 403, 403, 403, 404, 401},
    {kPost, "$W/tokens", kGenerateX, 404, 201, 201, 201, 403, 404, 401},
    {kGet, "$W/tokens", "", 404, 200, 200, 200, 200, 404, 401},
    {kGet, "$W/tokens?owner=all", "", 404, 200, 403, 403, 200, 404, 401},
    {kGet, "$W/tokens/$T", "", 404, 200, 200, 404, 200, 404, 401},
    {kGet, "$W/tokens/$T?as_of=1000000", "", 404, 200, 200, 404, 200, 404, 401},
    {kPost, "$W/tokens/$T:disable", "{}", 404, 200, 200, 404, 403, 404, 401},
    {kDelete, "$W/tokens/$T", "", 404, 204, 204, 404, 403, 404, 401},
    {kPost, "$W/legacy-tokens:import", "{}", 403, 415, 403, 403, 403, 404, 401},  // whoever may is asked for lines
    {kPost, "$W/tokens:batchDisable", kNone, 404, 200, 200, 200, 200, 404, 401},
    {kPost, "$W/tokens:batchDelete", kNone, 404, 200, 200, 200, 200, 404, 401},
    {kPost, "$W/tokens:disableIssuedBefore", R"({"time":"2026-01-01T00:00:00Z"})", 403, 200, 403, 403, 403, 404, 401},
    {kGet, "$W/tokens:countIssuedBefore?time=2026-01-01T00:00:00Z", "", 403, 200, 403, 403, 403, 404, 401},
    {kGet, "$W/tokens/$T/events", "", 404, 200, 200, 404, 200, 404, 401},
    {kGet, "$W/events", "", 403, 200, 403, 403, 200, 404, 401},
    {kGet, "$W/events:count?since=2026-01-01T00:00:00Z", "", 403, 200, 403, 403, 200, 404, 401},
    {http::Method::head, "$W/events:stream", "", 403, 200, 403, 403, 200, 404, 401},  // with GET it has no end
    {kGet, "$W/events:export", "", 403, 200, 403, 403, 200, 404, 401},
    {kGet, "$W/exports/exp_00000000000000000000000000/manifest", "", 403, 404, 403, 403, 404, 404, 401},
};

std::string filled(std::string text, std::string_view name, const std::string& value) {
  for (std::size_t at; (at = text.find(name)) != std::string::npos;) text.replace(at, name.size(), value);
  return text;
}

}  // namespace

TEST_CASE("who may: every door of /v1 has its row", "[api][who-may]") {
  const ApiFixture fixture;
  std::set<std::string> covered;
  for (const Row& row : kRows) {
    std::string target = filled(row.target, "$W", fixture.path());
    target = filled(filled(filled(target, "$T", "token"), "$U", "user"), "$S", "stranger");
    const auto found = fixture.router.find(row.method, target.substr(0, target.find('?')));
    REQUIRE(found.route != nullptr);
    covered.insert(testing::method_name(found.route->method) + " " + found.route->pattern);
  }
  std::set<std::string> missing;
  for (const http::Route& route : fixture.router.routes()) {
    const std::string name = testing::method_name(route.method) + " " + route.pattern;
    if (route.pattern.starts_with("/v1/") && !covered.contains(name)) missing.insert(name);
  }
  CHECK(missing == std::set<std::string>{});
}

TEST_CASE("who may: every role at every door", "[api][who-may]") {
  for (const Row& row : kRows) {
    using Caller = std::pair<Visitor ApiFixture::*, unsigned Row::*>;
    for (const auto& [visitor, expected] :
         {Caller{&ApiFixture::root, &Row::root}, Caller{&ApiFixture::ada, &Row::admin},
          Caller{&ApiFixture::grace, &Row::owner}, Caller{nullptr, &Row::member},
          Caller{&ApiFixture::edith, &Row::auditor}, Caller{&ApiFixture::stranger, &Row::stranger},
          Caller{&ApiFixture::nobody, &Row::nobody}}) {
      ApiFixture fixture;
      const std::string token = fixture.generate(fixture.grace);
      Visitor caller;
      if (visitor == nullptr) {
        caller = fixture.newcomer("henry");
        fixture.join(caller, core::Role::member);
      } else {
        caller = fixture.*visitor;
      }
      std::string target = filled(row.target, "$W", fixture.path());
      target =
          filled(filled(filled(target, "$T", token), "$U", fixture.grace.id.str()), "$S", fixture.stranger.id.str());
      const unsigned status = fixture.send(caller, row.method, target, row.body).status;
      INFO(testing::method_name(row.method)
           << " " << row.target << " as "
           << fixture.people.find(caller.id).value().value_or(core::PersonState{}).username);
      CHECK(status == row.*expected);
    }
  }
}

TEST_CASE_METHOD(ApiFixture, "who may: a bearer token works for its scopes, in its workspace, and for nothing else",
                 "[api][who-may]") {
  const Visitor reader = bearer_of(grace, "tally:tokens.read");
  const Visitor writer = bearer_of(grace, "tally:tokens.write");
  const Visitor auditor = bearer_of(ada, "tally:audit.read");
  CHECK(get(reader, path("/tokens")).status == 200);
  const auto refused = post(reader, path("/tokens"), kGenerateX);
  CHECK(refused.status == 403);
  CHECK(refused.header("WWW-Authenticate").value_or("").find("insufficient_scope") != std::string::npos);
  CHECK(post(writer, path("/tokens"), kGenerateX).status == 201);
  CHECK(get(writer, path("/tokens")).status == 403);
  CHECK(get(auditor, path("/events")).status == 200);
  CHECK(get(auditor, path("/events:export")).status == 200);
  CHECK(get(bearer_of(grace, "tally:audit.read"), path("/events")).status == 403);
  for (const char* target : {"/v1/session", "/v1/users", "/v1/workspaces"}) CHECK(get(reader, target).status == 403);
  CHECK(get(reader, path("/policy")).status == 403);

  const core::WorkspaceId elsewhere = core::draw_id<core::WorkspaceId>(random, now);
  must({core::ActorKind::operator_person, root.id.uuid()}, core::CreateWorkspace{elsewhere, "Elsewhere"});
  must({core::ActorKind::operator_person, root.id.uuid()}, core::PutMember{elsewhere, grace.id, core::Role::admin});
  CHECK(get(grace, "/v1/workspaces/" + elsewhere.str() + "/tokens").status == 200);
  CHECK(get(reader, "/v1/workspaces/" + elsewhere.str() + "/tokens").status == 404);
  CHECK(get({{}, {}, "nonsense"}, path("/tokens")).status == 401);
}

TEST_CASE_METHOD(ApiFixture, "who may: whoever is deactivated is nobody, with a session or a bearer token",
                 "[api][who-may]") {
  const Visitor bearer = bearer_of(grace, "tally:tokens.read");
  CHECK(post(root, "/v1/users/" + grace.id.str() + ":deactivate", {}).status == 200);
  CHECK(get(grace, path("/tokens")).status == 401);
  CHECK(get(bearer, path("/tokens")).status == 401);
}
