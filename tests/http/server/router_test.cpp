#include "http/server/router.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/aborts.hpp"

using namespace tally::http;

namespace {

void add(Router& router, Method method, std::string pattern) {
  router.add({method, std::move(pattern), SyncHandler{[](const Request&, Response&) {}}, {Audience::everyone}});
}

Router ledger_router() {
  Router router;
  add(router, Method::get, "/");
  add(router, Method::get, "/healthz");
  add(router, Method::get, "/.well-known/oauth-authorization-server");
  add(router, Method::post, "/v1/users");
  add(router, Method::get, "/v1/users");
  add(router, Method::get, "/v1/users/{user}");
  add(router, Method::post, "/v1/users/{user}:deactivate");
  add(router, Method::get, "/v1/workspaces/{workspace}/tokens");
  add(router, Method::post, "/v1/workspaces/{workspace}/tokens");
  add(router, Method::post, "/v1/workspaces/{workspace}/tokens:batchDisable");
  add(router, Method::get, "/v1/workspaces/{workspace}/tokens/{token}");
  add(router, Method::delete_, "/v1/workspaces/{workspace}/tokens/{token}");
  add(router, Method::post, "/v1/workspaces/{workspace}/tokens/{token}:disable");
  add(router, Method::get, "/v1/workspaces/{workspace}/tokens/{token}/events");
  add(router, Method::get, "/v1/{a}/{b}/{c}/{d}/end");
  add(router, Method::other, "/forward-auth");
  add(router, Method::get, "/forward-auth");
  return router;
}

std::string found(const Router& router, Method method, std::string_view path) {
  const Router::Match match = router.find(method, path);
  if (match.route == nullptr) return match.allowed_methods.empty() ? "none" : "only " + match.allowed_methods;
  std::string text = match.route->pattern;
  for (const std::string_view parameter : match.parameters) {
    if (!parameter.empty()) text.append(" ").append(parameter);
  }
  return text;
}

}  // namespace

TEST_CASE("router: a path finds its one route and its parameters", "[http][router]") {
  const auto [method, path, expected] = GENERATE(table<Method, std::string, std::string>({
      {Method::get, "/", "/"},
      {Method::get, "/healthz", "/healthz"},
      {Method::get, "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server"},
      {Method::get, "/v1/users/usr_1", "/v1/users/{user} usr_1"},
      {Method::post, "/v1/users/usr_1:deactivate", "/v1/users/{user}:deactivate usr_1"},
      {Method::post, "/v1/workspaces/w/tokens", "/v1/workspaces/{workspace}/tokens w"},
      {Method::post, "/v1/workspaces/w/tokens:batchDisable", "/v1/workspaces/{workspace}/tokens:batchDisable w"},
      {Method::delete_, "/v1/workspaces/w/tokens/t", "/v1/workspaces/{workspace}/tokens/{token} w t"},
      {Method::post, "/v1/workspaces/w/tokens/t:disable", "/v1/workspaces/{workspace}/tokens/{token}:disable w t"},
      {Method::get, "/v1/workspaces/w/tokens/t/events", "/v1/workspaces/{workspace}/tokens/{token}/events w t"},
      // A dead end among the literals is left again for the parameter.
      {Method::get, "/v1/workspaces/w/tokens/t/end", "/v1/{a}/{b}/{c}/{d}/end workspaces w tokens t"},
      {Method::get, "/v1/users/x/y/z/end", "/v1/{a}/{b}/{c}/{d}/end users x y z"},
      // What is percent-encoded stays so, and is no separator.
      {Method::get, "/v1/users/a%2Fb%3Ac", "/v1/users/{user} a%2Fb%3Ac"},
      {Method::other, "/forward-auth", "/forward-auth"},
  }));
  CAPTURE(path);
  CHECK(found(ledger_router(), method, path) == expected);
}

TEST_CASE("router: a path that nothing has is found by nobody", "[http][router]") {
  const std::string path = GENERATE(values<std::string>({
      "",
      "healthz",
      "*",
      "//",
      "/healthz/",
      "/Healthz",
      "/health",
      "/healthzz",
      "/healthz:",
      "/healthz:now",
      "/v1",
      "/v1/",
      "/v1/users/",
      "/v1/users//",
      "/v1/users/:deactivate",
      "/v1/users/u:erase",
      "/v1/users/u:deactivate:deactivate",
      "/v1/users/u:deactivate/x",
      "/v1/workspaces//tokens",
      "/v1/workspaces/w/tokens:",
      "/v1/workspaces/w/tokens:disable",
      "/v1/workspaces/w/tokens/t/events/more",
      "/v1/a/b/c/end",
      "/v1/a/b/c/d/e/end",
  }));
  CAPTURE(path);
  CHECK(found(ledger_router(), Method::get, path) == "none");
}

TEST_CASE("router: a method that a path lacks learns which it has", "[http][router]") {
  const Router router = ledger_router();
  CHECK(found(router, Method::put, "/v1/users") == "only GET, HEAD, POST");
  CHECK(found(router, Method::get, "/v1/workspaces/w/tokens:batchDisable") == "only POST");
  CHECK(found(router, Method::post, "/v1/workspaces/w/tokens/t") == "only GET, HEAD, DELETE");
  CHECK(found(router, Method::other, "/healthz") == "only GET, HEAD");
}

TEST_CASE("router: HEAD is served by GET unless it has its own", "[http][router]") {
  Router router;
  add(router, Method::get, "/a");
  CHECK(router.find(Method::head, "/a").route->method == Method::get);
  add(router, Method::head, "/a");
  CHECK(router.find(Method::head, "/a").route->method == Method::head);
}

TEST_CASE("router: two patterns that one path could fit are a bug, found when they are added", "[http][router]") {
  const auto [one, other, ambiguous] = GENERATE(table<std::string, std::string, bool>({
      {"/users/{user}", "/users/me", true},
      {"/{a}/b", "/a/{b}", true},
      {"/users/{user}:disable", "/users/me:disable", true},
      {"/users/{user}", "/users/{user}", true},
      {"/users/{user}", "/users/{other_name}", true},
      {"/users/{user}", "/users/{user}:disable", false},
      {"/users/{user}", "/users", false},
      {"/{a}/b", "/a/{b}/c", false},
      {"/{a}/b", "/a/c", false},
      {"/users:batch", "/{a}", false},
      {"/{a}/{b}/{c}/{d}/{e}", "/x", true},  // more parameters than a request has room for
      {"/users/x{user}", "/x", true},        // a parameter is a whole segment
      {"users", "/x", true},
  }));
  CAPTURE(one, other);
  const auto build = [&one, &other] {
    Router router;
    add(router, Method::get, one);
    add(router, Method::get, other);
  };
  CHECK(tally::testing::aborts(build) == ambiguous);
}

TEST_CASE("router: one pattern may have several methods", "[http][router]") {
  const auto build = [] {
    Router router;
    add(router, Method::get, "/users/{user}");
    add(router, Method::put, "/users/{user}");
  };
  CHECK_FALSE(tally::testing::aborts(build));
}

TEST_CASE("router: takes no refresh token beside a body in pieces, and shows no page what a cookie opens",
          "[http][router]") {
  const auto refuses = [](const RoutePolicy& policy, decltype(Route::handler) handler) {
    return tally::testing::aborts([&] {
      Router router;
      router.add({Method::post, "/a", handler, policy});
    });
  };
  const RoutePolicy refreshed{.audience = Audience::person, .refresh_beside = RefreshBesideRequest::taken};
  const RoutePolicy readable{.audience = Audience::person, .cross_origin = CrossOrigin::open};
  const SyncHandler sync = [](const Request&, Response&) {};
  const StreamHandler fed = [](const Request&, Response&) { return std::unique_ptr<BodySink>{}; };
  CHECK(refuses(refreshed, fed));
  CHECK_FALSE(refuses(refreshed, sync));
  CHECK_FALSE(refuses({.audience = Audience::person}, fed));
  CHECK(refuses(readable, sync));
  CHECK_FALSE(refuses({.audience = Audience::everyone, .cross_origin = CrossOrigin::open}, sync));
}
