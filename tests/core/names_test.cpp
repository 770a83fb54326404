#include "core/names.hpp"

#include <catch2/catch.hpp>

#include "core/limits.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

TEST_CASE("name: trimmed of all white space of Unicode, otherwise as typed", "[core][names]") {
  const auto [typed, kept] = GENERATE(table<std::string, std::string>({
      {"ci", "ci"},
      {"  ci runner \t\r\n", "ci runner"},
      {"\xc2\xa0"
       "ci\xe2\x80\x83",
       "ci"},  // no-break space, em space
      {"\xe3\x80\x80"
       "a  b\xe2\x80\xa9",
       "a  b"},  // ideographic space, paragraph separator
      {"caf\xc3\xa9 \xf0\x9f\x8e\x89", "caf\xc3\xa9 \xf0\x9f\x8e\x89"},
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},  // U+10FFFF
  }));
  CHECK(*normalize_name("name", typed) == kept);
}

TEST_CASE("name: bounds are counted in code points", "[core][names]") {
  std::string longest;
  for (std::size_t i = 0; i < limits::kNameCharactersMax; ++i) longest += "\xc3\xa9";
  CHECK(*normalize_name("name", longest) == longest);
  CHECK(*normalize_name("name", "  " + longest + "  ") == longest);
  CHECK(normalize_name("name", longest + "a").error().field == "name");
  CHECK(normalize_name("title", "").error().field == "title");
  CHECK(normalize_name("name", " \t ").error().code == Errc::invalid_argument);
}

TEST_CASE("name: garbage and control characters are refused", "[core][names]") {
  const auto text =
      GENERATE(as<std::string>{}, "a\nb", "a\tb", std::string("a\0b", 3), std::string("\0", 1), "a\x7f", "a\x1b[31mb",
               "a\xc2\x85"
               "b",  // next line, inside
               "a\xc2\x9b"
               "b",  // C1 control
               "a\xe2\x80\xa8"
               "b",  // line separator, inside
               "a\xe2\x80\xae"
               "b",  // right-to-left override
               "a\xe2\x81\xa6"
               "b",                                                            // left-to-right isolate
               "\x80", "a\xbf", "a\xff", "a\xfe\xff", "\xc0\xaf", "\xc1\xbf",  // overlong /
               "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
               "\xed\xbf\xbf",                                                  // surrogates
               "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",  // beyond U+10FFFF
               "a\xc3", "a\xe2\x82", "a\xf0\x9f\x8e",                           // cut
               "\xc3 ", "\xe2\x82 ", "\xc3\xc3");
  CAPTURE(text);
  const auto name = normalize_name("name", text);
  REQUIRE(name.has_error());
  CHECK(name.error().code == Errc::invalid_argument);
  CHECK(name.error().field == "name");
}

TEST_CASE("name: normalising twice is normalising once, for any bytes", "[core][names]") {
  tally::testing::SeededRandom random{6};
  constexpr std::string_view kPieces[] = {" ",  "a",   "\xc2\xa0", "\xc3\xa9", "\xe3\x80\x80", "\xf0\x9f\x8e\x89",
                                          "\n", "\xff"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t left = random.below(8); left > 0; --left) text += kPieces[random.below(std::size(kPieces))];
    const auto once = normalize_name("name", text);
    if (once.has_error()) continue;
    REQUIRE(normalize_name("name", *once).has_value());
    REQUIRE(*normalize_name("name", *once) == *once);
  }
}

TEST_CASE("reason: may be empty and is longer than a name", "[core][names]") {
  CHECK(normalize_reason("reason", "")->empty());
  CHECK(normalize_reason("reason", "  ")->empty());
  CHECK(normalize_reason("reason", std::string(limits::kReasonCharactersMax, 'r')).has_value());
  CHECK(normalize_reason("reason", std::string(limits::kReasonCharactersMax + 1, 'r')).error().field == "reason");
}

}  // namespace
}  // namespace tally::core
