#include "core/base/names.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/base/unicode.hpp"
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
      {"cafe\xcc\x81", "caf\xc3\xa9"},                       // composed
      {"\xd7\x90\xe2\x80\x8e-1", "\xd7\x90\xe2\x80\x8e-1"},  // a mark of direction beside Hebrew
      {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac",
       "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac"},  // with a joiner
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

TEST_CASE("name: bounds are those of the composed name", "[core][names]") {
  std::string decomposed;
  std::string composed;
  for (std::size_t i = 0; i < limits::kNameCharactersMax; ++i) {
    decomposed += "e\xcc\x81";
    composed += "\xc3\xa9";
  }
  CHECK(*normalize_name("name", decomposed) == composed);
  CHECK(normalize_name("name", decomposed + "e").has_error());
  // Composing can make a name longer, too.
  std::string grows;
  for (std::size_t i = 0; i < limits::kNameCharactersMax / 2 + 1; ++i) grows += "\xe0\xa5\x98";  // U+0958: always two
  CHECK(normalize_name("name", grows).has_error());
  // Far beyond the bound it is refused before it is composed, which would take minutes.
  std::string marks = "a";
  for (int i = 0; i < 200'000; ++i) marks += i % 2 == 0 ? "\xcc\x81" : "\xcc\xa3";
  CHECK(normalize_name("name", marks).has_error());
}

TEST_CASE("name: one that shows nothing is refused", "[core][names]") {
  const auto text =
      GENERATE(as<std::string>{}, "\u200b", "\u2060", "\ufeff", "\u00ad", "\u200e\u200f", "\u3164", "\u115f", "\u0301",
               "\u20dd", "\u034f", "\ufe0f", "\u2800", " \u200d ", "\U000E0041", "\u180e\u200b\u2064");
  CAPTURE(text);
  CHECK(normalize_name("name", text).error().field == "name");
  CHECK(normalize_reason("reason", text).has_error());
  CHECK(normalize_name("name", text + "a").has_value() == (text.find("\u200e") == std::string::npos));
}

TEST_CASE("name: marks of direction only stand where letters go from right to left", "[core][names]") {
  for (const char* mark : {"\u200e", "\u200f", "\u061c"}) {
    CHECK(normalize_name("name", std::string{"a"} + mark + "b").has_error());
    CHECK(normalize_name("name", std::string{"\u05d0"} + mark + "b").has_value());
    CHECK(normalize_name("name", std::string{"\u0627"} + mark).has_value());
  }
}

TEST_CASE("name: any bytes are refused, or give a composed name that can be seen", "[core][names]") {
  const std::uint64_t seed = 14;
  CAPTURE(seed);
  tally::testing::SeededRandom random{seed};
  constexpr std::string_view kPieces[] = {"a",      "E",          "\u0301", "\u200b", "\u200e",    "\u05d0", "\u3164",
                                          "\u2800", " ",          "\u00a0", "\n",     "\xff",      "\xc3",   "\u212b",
                                          "\u0958", "\U0001d160", "\u1f80", "\u0345", "\U0001F468"};
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::uint64_t left = random.below(8); left > 0; --left) text += kPieces[random.below(std::size(kPieces))];
    const auto name = normalize_name("name", text);
    if (name.has_error()) continue;
    REQUIRE(*unicode::to_nfc(*name) == *name);
    REQUIRE(*normalize_name("name", *name) == *name);
    bool is_seen = false;
    for (std::string_view rest = *name; !rest.empty();) {
      const auto character = unicode::first_character(rest);
      is_seen = is_seen || unicode::is_visible(character->value);
      rest.remove_prefix(character->bytes);
    }
    REQUIRE(is_seen);
  }
}

TEST_CASE("password: composed, and bounded by the bytes of that", "[core][names]") {
  const auto taken = [](const std::string& typed) { return normalize_password("password", SecretText{typed}); };
  CHECK(taken("cafe\xcc\x81 cafe\xcc\x81!!")->reveal() == "caf\xc3\xa9 caf\xc3\xa9!!");
  CHECK(taken("twelve bytes")->reveal() == "twelve bytes");
  CHECK(taken(" blanks stay ")->reveal() == " blanks stay ");
  CHECK(taken("e\xcc\x81"
              "e\xcc\x81"
              "e\xcc\x81"
              "abcde")
            .error()
            .field == "password");  // 14 as typed, 11 composed
  CHECK(taken(std::string(limits::kPasswordBytesMax, 'p')).has_value());
  CHECK(taken(std::string(limits::kPasswordBytesMax + 1, 'p')).has_error());
  CHECK(taken("\xff is no UTF-8 at all").has_error());
  std::string marks;
  for (int i = 0; i < 200'000; ++i) marks += i % 2 == 0 ? "\xcc\x81" : "\xcc\xa3";
  CHECK(taken(marks).has_error());
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
