#include "http/auth/forwarded_target.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_request.hpp"

using namespace tally;
using tally::testing::FakeRequest;
using tally::testing::Headers;

namespace {

core::Result<http::ForwardedTarget> read(const Headers& headers) {
  const FakeRequest request{http::Method::get, "/forward-auth", headers, "", core::Timestamp{}};
  return http::ForwardedTarget::read(request);
}

Headers said(const std::string& scheme, const std::string& host, const std::string& uri) {
  return {{"X-Forwarded-Method", "PUT"},
          {"X-Forwarded-Proto", scheme},
          {"X-Forwarded-Host", host},
          {"X-Forwarded-Uri", uri}};
}

}  // namespace

TEST_CASE("forwarded target: the parts of a URL make it", "[http][auth][dpop]") {
  const auto [host, uri] = GENERATE(table<std::string, std::string>({
      {"api.example", "/"},
      {"API.example:8443", "/orders?draft=1&x=%2F"},
      {"192.0.2.7:80", "/a//b"},
      {"[2001:db8::1]", "/"},
      {"[2001:DB8::192.0.2.1]:443", "/?"},
      {"a-b_c.example.", "//evil.example/"},
      {"api.example:", "/"},
  }));
  const auto target = read(said("https", host, uri));
  REQUIRE(target.has_value());
  CHECK(target->method == "PUT");
  CHECK(target->url == "https://" + host + uri);
}

TEST_CASE("forwarded target: what has not the form of its part is refused, and named", "[http][auth][dpop]") {
  const auto [scheme, host, uri, field] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"https", "api.example#", "/admin", "Host"},
      {"https", "api.example?", "/admin", "Host"},
      {"https", "api.example/orders?", "/admin", "Host"},
      {"https", "api.example/orders#", "/admin", "Host"},
      {"https", "api.example%2forders", "/admin", "Host"},
      {"https", "a@api.example", "/", "Host"},
      {"https", "api.example\\", "/", "Host"},
      {"https", "api.example, evil.example", "/", "Host"},
      {"https", "", "/", "Host"},
      {"https", ":443", "/", "Host"},
      {"https", "api.example:44a", "/", "Host"},
      {"https", "api.example:123456", "/", "Host"},
      {"https", "api.example:1:2", "/", "Host"},
      {"https", "[2001:db8::1", "/", "Host"},
      {"https", "[2001:db8::1]x", "/", "Host"},
      {"https", "[]", "/", "Host"},
      {"https", "[x]", "/", "Host"},
      {"https", "2001:db8::1", "/", "Host"},
      {"https", "api.example", "", "Uri"},
      {"https", "api.example", "orders", "Uri"},
      {"https", "api.example", ".evil.example/", "Uri"},
      {"https", "api.example", "@evil.example/", "Uri"},
      {"https", "api.example", "?x", "Uri"},
      {"https", "api.example", "/orders#x", "Uri"},
      {"https", "api.example", "/or ders", "Uri"},
      {"https", "api.example", "/\xc3\xa4", "Uri"},
      {"", "api.example", "/", "Proto"},
      {"HTTPS", "api.example", "/", "Proto"},
      {"ftp", "api.example", "/", "Proto"},
      {"https://evil.example/?", "api.example", "/", "Proto"},
  }));
  INFO(scheme << ' ' << host << ' ' << uri);
  const auto target = read(said(scheme, host, uri));
  REQUIRE(target.has_error());
  CHECK(target.error().code == core::Errc::invalid_proof);
  CHECK(target.error().detail.find("X-Forwarded-" + field) != std::string::npos);
}
