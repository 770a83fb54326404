#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "http/server/request.hpp"

using tally::core::Errc;
using tally::http::Parameters;

namespace {

std::string value_in(std::string_view text, std::string_view name) {
  const auto parsed = Parameters::parse(text);
  REQUIRE(parsed.has_value());
  const auto found = parsed->one(name);
  REQUIRE(found.has_value());
  return found->has_value() ? std::string{**found} : "absent";
}

}  // namespace

TEST_CASE("parameters: a form is decoded as browsers encode it", "[http][parameters]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {"", "absent"},
      {"b=1", "absent"},
      {"a=1", "1"},
      {"b=0&a=1&c=2", "1"},
      {"a", ""},
      {"a=", ""},
      {"&&a=1&", "1"},
      {"a=1=2", "1=2"},
      {"a=b+c", "b c"},
      {"a=b%2Bc", "b+c"},
      {"a=%26%3d%25", "&=%"},
      {"%61=1", "1"},
      {"a=%C3%A4%e2%82%ac", "ä€"},
      {"a=%F0%9F%94%91", "\xF0\x9F\x94\x91"},
      {"A=1", "absent"},
      {"a=x;b=y", "x;b=y"},
  }));
  CAPTURE(text);
  CHECK(value_in(text, "a") == value);
}

TEST_CASE("parameters: what is not well-formed is refused as a whole", "[http][parameters]") {
  const std::string text = GENERATE(values<std::string>({
      "a=%", "a=%4", "a=%4&b=1", "a=%zz", "a=% 1", "%=1", "b=1&a=%g0", "a=%FF", "a=%C3", "a=%C3%28",
      "a=%C0%80",        // overlong
      "a=%ED%A0%80",     // a surrogate
      "a=%F4%90%80%80",  // over U+10FFFF
      "%C3=1",           // in the name
      "a=\xC3",          // unescaped
  }));
  CAPTURE(text);
  const auto parsed = Parameters::parse(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == Errc::malformed);
}

TEST_CASE("parameters: a name that is given twice is an error only where it is asked for", "[http][parameters]") {
  const auto parsed = Parameters::parse("token=1&scope=x&token=1");
  REQUIRE(parsed.has_value());
  const auto token = parsed->one("token");
  REQUIRE(token.has_error());
  CHECK(token.error().code == Errc::malformed);
  CHECK(token.error().field == "token");
  CHECK(parsed->one("scope").value() == "x");
}

TEST_CASE("parameters: at most 64 of them", "[http][parameters]") {
  std::string text;
  for (int count = 0; count < 64; ++count) text += "a" + std::to_string(count) + "=1&";
  CHECK(Parameters::parse(text).has_value());
  CHECK(Parameters::parse(text + "one_more").has_error());
}

TEST_CASE("parameters: a name that nobody knows is found", "[http][parameters]") {
  const auto parsed = Parameters::parse("limit=1&sort=name");
  REQUIRE(parsed.has_value());
  CHECK(parsed->unknown_name({"limit", "sort", "q"}) == std::nullopt);
  CHECK(parsed->unknown_name({"limit"}) == "sort");
}

TEST_CASE("parameters: values stay right when the object is moved", "[http][parameters]") {
  auto parsed = Parameters::parse("a=1");  // short enough to lie inside the string object itself
  REQUIRE(parsed.has_value());
  const Parameters moved = std::move(*parsed);
  CHECK(moved.one("a").value() == "1");
}
