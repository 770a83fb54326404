#include "http/oauth/guard.hpp"

#include <catch2/catch.hpp>

using namespace tally;
using http::Guard;

namespace {

const std::string kWorkspace = "ws_01kaswr2x0e5fvbnz8m3q7tcyd";

}  // namespace

TEST_CASE("guard: nothing after path= is a parameter, whatever it looks like", "[http][oauth][forward]") {
  const auto tail = GENERATE(values<std::string>({
      "",
      "/orders",
      "/orders?id=1",
      "/orders?id=1&resource=https://b.example",
      "/orders?id=1&workspace=ws_x&scope=a&scope=b&refresh=yes&refresh=perhaps",
      "/orders?a=1&b=2&path=/x&path=/y",
      "/orders?a=%zz&b=%ff&c=%",
      "/orders?\xff\xfe",
      "&resource=https://b.example",
      "?resource=https://b.example",
      std::string(70, '&') + "a=1" + std::string(3'000, 'x'),
  }));
  INFO(tail);
  for (const std::string& front : {std::string{}, "workspace=" + kWorkspace + "&scope=orders.read&"}) {
    const auto guard = Guard::read(front + "path=" + tail);
    REQUIRE(guard.has_value());
    CHECK(guard->workspace.has_value() == !front.empty());
    CHECK(guard->scope.str() == (front.empty() ? "" : "orders.read"));
    CHECK_FALSE(guard->resource.has_value());
    CHECK(guard->refresh == Guard::Refresh::no);
  }
}

TEST_CASE("guard: what stands before path= is the proxy's", "[http][oauth][forward]") {
  const auto guard =
      Guard::read("workspace=" + kWorkspace + "&resource=https%3A%2F%2Fa.example&refresh=yes&path=/&refresh=no");
  REQUIRE(guard.has_value());
  CHECK(guard->workspace->str() == kWorkspace);
  CHECK(guard->resource == "https://a.example");
  CHECK(guard->refresh == Guard::Refresh::yes);
  CHECK(Guard::read("refresh=no")->refresh == Guard::Refresh::no);
  CHECK(Guard::read("")->refresh == Guard::Refresh::no);
}

TEST_CASE("guard: what the proxy says must be readable, and said once", "[http][oauth][forward]") {
  const auto query = GENERATE(values<std::string>({
      "refresh=",
      "refresh",
      "refresh=Yes",
      "refresh=true",
      "refresh=yes&refresh=yes",
      "workspace=x",
      "scope=a&scope=b",
      "audience=x",
      "path",
      "pa%74h=/x&resource=https://b.example",
      "xpath=/x",
      "resource=%zz&path=/",
      "PATH=/",
  }));
  INFO(query);
  CHECK(Guard::read(query).has_error());
}
