#include <regex>
#include <set>
#include <string>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using http::Audience;
using http::CrossOrigin;
using http::Route;
using testing::ApiFixture;

namespace {

/// The ways to say who one is that the contract has for a route; empty: nobody has to.
std::set<std::string> ways_in_contract(const testing::Contract& contract, const Route& route) {
  std::string method = http::name_of(route.method);
  for (char& letter : method) letter = static_cast<char>(letter - 'A' + 'a');
  const auto& paths = contract.document().at("paths").as_object();
  const auto& operation = paths.at(route.pattern).as_object().at(method).as_object();
  std::set<std::string> ways;
  for (const auto& way : operation.at("security").as_array()) {
    for (const auto& [name, scopes] : way.as_object()) ways.insert(std::string{name});
  }
  ways.erase("dpop");  // a bearer with a proof
  return ways;
}

std::set<std::string> ways_of(Audience audience) {
  switch (audience) {
    case Audience::everyone:
    case Audience::client:
      return {};
    case Audience::resource_server:
      return {"resourceServer"};
    case Audience::session:
      return {"session"};
    case Audience::person:
      return {"bearer", "session"};
    case Audience::bearer:
      return {"bearer"};
  }
  return {};
}

}  // namespace

TEST_CASE("policy: whom a route serves is what the contract says", "[http][api][policy]") {
  ApiFixture api;
  std::size_t compared = 0;
  for (const Route& route : api.router.routes()) {
    const auto& paths = api.contract.document().at("paths").as_object();
    if (!paths.contains(route.pattern)) continue;  // another path of a document of the contract
    // A proxy asks /forward-auth by any method.
    const bool by_any = route.method == http::Method::other || route.method == http::Method::options;
    if (by_any && route.pattern == "/forward-auth") continue;
    CAPTURE(http::name_of(route.method), route.pattern);
    CHECK(ways_of(route.policy.audience) == ways_in_contract(api.contract, route));
    ++compared;
  }
  CHECK(compared >= api.contract.operations().size() - 5);
}

TEST_CASE("policy: whoever must say who they are is asked by the handler", "[http][api][policy]") {
  ApiFixture api;
  for (const Route& route : api.router.routes()) {
    const Audience audience = route.policy.audience;
    if (audience != Audience::session && audience != Audience::person) continue;
    if (std::holds_alternative<http::StreamHandler>(route.handler)) continue;
    CAPTURE(http::name_of(route.method), route.pattern);
    const std::string target = std::regex_replace(route.pattern, std::regex{R"(\{\w+\})"}, "x");
    CHECK(api.call({route.method, target, {}, {}}).status == 401);
  }
}

TEST_CASE("policy: pages of other origins read what needs no cookie, and not who asks about others' tokens",
          "[http][api][policy]") {
  ApiFixture api;
  const auto is_open = [&](const char* pattern) {
    for (const Route& route : api.router.routes()) {
      if (route.pattern == pattern) return route.policy.cross_origin == CrossOrigin::open;
    }
    FAIL(pattern);
    return false;
  };
  for (const char* open : {"/oauth2/token", "/oauth2/revoke", "/oauth2/jwks", "/oauth2/status/{list}", "/openapi.json",
                           "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource/v1"}) {
    CAPTURE(open);
    CHECK(is_open(open));
  }
  for (const char* closed : {"/oauth2/introspect", "/forward-auth", "/v1/session", "/healthz"}) {
    CAPTURE(closed);
    CHECK_FALSE(is_open(closed));
  }
}

TEST_CASE("policy: a list of tokens is a short read only if it is asked for a page of the keys, as plainly as can be",
          "[http][api][policy]") {
  ApiFixture api;
  const auto run_on_of = [&](std::string_view query) {
    for (const Route& route : api.router.routes()) {
      if (route.pattern == "/v1/workspaces/{workspace}/tokens" && route.method == http::Method::get) {
        return route.policy.run_on_of(query);
      }
    }
    FAIL("no list of tokens");
    return http::RunOn::io_thread;
  };
  for (const char* plain : {"", "owner=me", "limit=10&cursor=abcq=&owner=all", "cursor=x", "limit"}) {
    CAPTURE(plain);
    CHECK(run_on_of(plain) == http::RunOn::short_reads);
  }
  for (const char* walk : {"q=x", "owner=all&q=x", "%71=x", "s%6Frt=name", "sort=-created_at", "status=active",
                           "limit=1&&q=", "kind=legacy", "unknown", "own%65r=me"}) {
    CAPTURE(walk);
    CHECK(run_on_of(walk) == http::RunOn::long_reads);
  }
}
