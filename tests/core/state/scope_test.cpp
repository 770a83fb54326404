#include "core/state/scope.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"

namespace tally::core {
namespace {

ScopeSet scopes(std::string_view text) { return *ScopeSet::parse(text, 50); }

TEST_CASE("scope: a set in byte order without repeats", "[core][scope]") {
  CHECK(scopes("").empty());
  CHECK(scopes("b a b").scopes() == std::vector<std::string>{"a", "b"});
  CHECK(scopes("b a b").str() == "a b");
  CHECK(scopes("write:Z read:a ! ~").str() == "! read:a write:Z ~");
}

TEST_CASE("scope: contains, subset and Tally's own", "[core][scope]") {
  CHECK(scopes("a b").contains("a"));
  CHECK_FALSE(scopes("a b").contains("ab"));
  CHECK(scopes("").is_subset_of(scopes("")));
  CHECK(scopes("a").is_subset_of(scopes("a b")));
  CHECK_FALSE(scopes("a c").is_subset_of(scopes("a b")));
  CHECK(is_tally_scope(kScopeAuditRead));
  CHECK_FALSE(is_tally_scope("tallyho"));
  CHECK(is_known_tally_scope(kScopeTokensRead));
  CHECK(is_known_tally_scope(kScopeTokensWrite));
  CHECK(is_known_tally_scope(kScopeAuditRead));
  CHECK_FALSE(is_known_tally_scope("tally:tokens.rule"));
  CHECK(scopes("a tally:audit.read z").without_tally_scopes() == scopes("a z"));
}

TEST_CASE("scope: what RFC 6749 does not allow is refused by name", "[core][scope]") {
  const auto text = GENERATE(as<std::string>{}, " ", " a", "a ", "a  b", "a\tb", "a\nb", "a\"b", "a\\b", "\x7f",
                             "a\x80", "\xc3\xa9", std::string("a\0b", 3), std::string(limits::kScopeBytesMax + 1, 'a'));
  CAPTURE(text);
  const auto parsed = ScopeSet::parse(text, 50);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == Errc::invalid_argument);
  CHECK(parsed.error().field == "scope");
}

TEST_CASE("scope: the bounds themselves are allowed, one more is not", "[core][scope]") {
  CHECK(ScopeSet::parse(std::string(limits::kScopeBytesMax, 'a'), 1).has_value());
  CHECK(ScopeSet::parse("a b c", 3).has_value());
  CHECK(ScopeSet::parse("a b c", 2).has_error());
  CHECK(ScopeSet::parse("a a a", 2).has_error());
  CHECK(ScopeSet::parse("a", 0).has_error());
}

}  // namespace
}  // namespace tally::core
