#include "http/server/cross_origin.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "http/server/response.hpp"
#include "tests/support/fake_request.hpp"

using namespace tally;
using namespace tally::http;
using tally::testing::FakeRequest;
using tally::testing::Headers;

namespace {

std::string lines_for(const CrossOriginRule& setting, Headers headers) {
  const FakeRequest request{Method::post, "/oauth2/token", std::move(headers), "", core::Timestamp{}};
  Response response;
  setting.add_to(request, response);
  return response.headers();
}

bool asks_first(Method method, Headers headers) {
  const FakeRequest request{method, "/oauth2/token", std::move(headers), "", core::Timestamp{}};
  return CrossOriginRule::is_preflight(request);
}

const std::string kShown =
    "Access-Control-Expose-Headers: DPoP-Nonce, ETag, RateLimit, RateLimit-Policy, Retry-After, Tally-Sequence, "
    "WWW-Authenticate, X-Request-Id\r\n";

}  // namespace

TEST_CASE("cross origin: any page is the same to everybody, and never with credentials", "[http][cors]") {
  const std::string lines = "Access-Control-Allow-Origin: *\r\n" + kShown;
  CHECK(lines_for(CrossOriginRule{}, {{"Origin", "https://app.example"}}) == lines);
  CHECK(lines_for(CrossOriginRule{}, {{"Origin", "null"}, {"Cookie", "a=b"}}) == lines);
  CHECK(lines_for(CrossOriginRule{}, {}) == lines);
  CHECK(lines_for(*CrossOriginRule::parse("*"), {}) == lines);
}

TEST_CASE("cross origin: of a list, its own origin is named, and no cache mixes them up", "[http][cors]") {
  const CrossOriginRule setting = *CrossOriginRule::parse("https://app.example, http://localhost:5173");
  CHECK(setting.is_on());
  for (const std::string origin : {"https://app.example", "http://localhost:5173"}) {
    CHECK(lines_for(setting, {{"Origin", origin}}) ==
          "Vary: Origin\r\nAccess-Control-Allow-Origin: " + origin + "\r\n" + kShown);
  }
  for (const std::string origin :
       {"https://app.example.evil", "https://app.example:443", "http://app.example", "null", "*"}) {
    INFO(origin);
    CHECK(lines_for(setting, {{"Origin", origin}}) == "Vary: Origin\r\n");
  }
  CHECK(lines_for(setting, {}) == "Vary: Origin\r\n");
}

TEST_CASE("cross origin: none says nothing", "[http][cors]") {
  const CrossOriginRule setting = *CrossOriginRule::parse("none");
  CHECK_FALSE(setting.is_on());
  CHECK(lines_for(setting, {{"Origin", "https://app.example"}}).empty());
}

TEST_CASE("cross origin: only what a browser sends as an origin is one", "[http][cors]") {
  for (const std::string text :
       {"", ",", "https://app.example,", "*,https://app.example", "none,https://app.example", "app.example",
        "https://app.example/", "https://App.example", "https://app.example:443", "https://", "ftp://app.example",
        "https://app.example https://b.example", "https://a.example\r\nX: y", "null"}) {
    INFO(text);
    const auto parsed = CrossOriginRule::parse(text);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == core::Errc::invalid_argument);
  }
  std::string many = "https://a.example";
  for (int i = 1; i < 64; ++i) many += ",https://a" + std::to_string(i) + ".example";
  CHECK(CrossOriginRule::parse(many).has_value());
  CHECK(CrossOriginRule::parse(many + ",https://b.example").has_error());
}

TEST_CASE("cross origin: a browser that asks first is told what it may send", "[http][cors]") {
  const Headers asked{{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "POST"}};
  CHECK(asks_first(Method::options, asked));
  CHECK_FALSE(asks_first(Method::post, asked));
  CHECK_FALSE(asks_first(Method::options, {{"Origin", "https://app.example"}}));
  CHECK_FALSE(asks_first(Method::options, {{"Access-Control-Request-Method", "POST"}}));
  Response response;
  CrossOriginRule::write_preflight("POST", response);
  CHECK(response.status() == 204);
  CHECK(response.body().empty());
  CHECK(response.headers() ==
        "Access-Control-Allow-Methods: POST\r\n"
        "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, DPoP, If-None-Match, traceparent, "
        "tracestate, "
        "X-Request-Id\r\n"
        "Access-Control-Max-Age: 7200\r\n");
}
