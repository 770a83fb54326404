#include "core/base/unicode.hpp"

#include <initializer_list>

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

/// As RFC 3629 §4 spells the form: written anew, to hold the library against.
bool is_well_formed(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  while (!text.empty()) {
    const unsigned lead = byte(0);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
    if (size == 0 || size > text.size()) return false;
    for (std::size_t at = 1; at < size; ++at) {
      unsigned low = 0x80;
      unsigned high = 0xBF;
      if (at == 1 && lead == 0xE0) low = 0xA0;
      if (at == 1 && lead == 0xED) high = 0x9F;
      if (at == 1 && lead == 0xF0) low = 0x90;
      if (at == 1 && lead == 0xF4) high = 0x8F;
      if (byte(at) < low || byte(at) > high) return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

TEST_CASE("unicode: what is UTF-8 is what the standard says, for any bytes", "[core][unicode]") {
  const std::uint64_t seed = 93;
  CAPTURE(seed);
  tally::testing::SeededRandom random{seed};
  constexpr std::string_view kBytes{"\x00\x41\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xED\xEF\xF0\xF4\xF5\xFF",
                                    20};
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::uint64_t left = random.below(6); left > 0; --left) text += kBytes[random.below(kBytes.size())];
    REQUIRE(unicode::is_utf8(text) == is_well_formed(text));
    REQUIRE(unicode::to_nfc(text).has_value() == is_well_formed(text));
  }
}

TEST_CASE("unicode: a character is read with its length", "[core][unicode]") {
  CHECK(unicode::first_character("ab")->value == U'a');
  CHECK(unicode::first_character("\u00e9b")->bytes == 2);
  CHECK(unicode::first_character("\U0010FFFF")->value == 0x10FFFF);
  CHECK(unicode::first_character(std::string_view{"\0", 1})->bytes == 1);
  CHECK_FALSE(unicode::first_character("").has_value());
  CHECK_FALSE(unicode::first_character("\xE2\x82").has_value());
}

TEST_CASE("unicode: Normalization Form C of the standard's own examples", "[core][unicode]") {
  // Unicode Standard Annex #15, figures 3 to 6, and characters that are never composed.
  const auto [text, composed] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"caf\u00e9", "caf\u00e9"},
      {"cafe\u0301", "caf\u00e9"},
      {"\u212b", "\u00c5"},  // the sign of the \u00e5ngstr\u00f6m
      {"A\u030a", "\u00c5"},
      {"\u2126", "\u03a9"},  // the sign of the ohm
      {"s\u0323\u0307", "\u1e69"},
      {"s\u0307\u0323", "\u1e69"},  // marks in another order
      {"\u1e9b\u0323", "\u1e9b\u0323"},
      {"\ufb01", "\ufb01"},              // a ligature is compatible, not canonical
      {"\u1112\u1161\u11ab", "\ud55c"},  // Hangul
      {"\u0958", "\u0915\u093c"},        // excluded from composition
      {"\U0001d160", "\U0001d158\U0001d165\U0001d16e"},
      {"\u0344", "\u0308\u0301"},
  }));
  CAPTURE(text);
  CHECK(*unicode::to_nfc(text) == composed);
  CHECK(*unicode::to_nfc(composed) == composed);
}

TEST_CASE("unicode: texts that differ in case and composition alone fold to one", "[core][unicode]") {
  const auto [text, folded] = GENERATE(table<std::string, std::string>({
      {"AZaz09", "azaz09"},
      {"\u00c9 \u00d7 \u0178", "\u00e9 \u00d7 \u00ff"},
      {"E\u0301", "\u00e9"},
      {"Stra\u00dfe", "strasse"},
      {"STRASSE", "strasse"},
      {"\u1e9e", "ss"},
      {"\u0391\u03a9 \u03aa\u03ab", "\u03b1\u03c9 \u03ca\u03cb"},
      {"\u03c3\u03c2\u03a3", "\u03c3\u03c3\u03c3"},  // both small sigmas
      {"\u0410\u042f \u0400", "\u0430\u044f \u0450"},
      {"\u0531", "\u0561"},  // Armenian
      {"\u65e5\u672c \U0001F600", "\u65e5\u672c \U0001F600"},
      {"A\u00c9\xC3", "a\u00c9\xC3"},  // not UTF-8: ASCII alone
  }));
  CAPTURE(text);
  CHECK(unicode::fold_case(text) == folded);
}

TEST_CASE("unicode: folding is the same for texts that are canonically the same, and done once", "[core][unicode]") {
  const std::uint64_t seed = 94;
  CAPTURE(seed);
  tally::testing::SeededRandom random{seed};
  constexpr std::string_view kPieces[] = {"A",      "\u00c9", "E",      "\u0301", "\u0345", "\u0313",
                                          "\u03b1", "\u1f80", "\u0130", "\u1e9e", "\ufb03", "\u0323",
                                          "\u1100", "\u1161", "\u11a8", "\u0149"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t left = random.below(7); left > 0; --left) text += kPieces[random.below(std::size(kPieces))];
    const std::string composed = *unicode::to_nfc(text);
    REQUIRE(*unicode::to_nfc(composed) == composed);
    REQUIRE(unicode::fold_case(text) == unicode::fold_case(composed));
    REQUIRE(*unicode::to_nfc(unicode::fold_case(text)) == unicode::fold_case(text));
  }
}

TEST_CASE("unicode: what shows nothing by itself is not visible", "[core][unicode]") {
  const char32_t hidden = GENERATE(values<char32_t>(
      {0x00,   0x09,   0x20,   0x7F,    0x85,    0xA0,    0xAD,    0x034F,  0x061C,  0x0301,  0x0903,  0x115F,
       0x1160, 0x17B4, 0x180B, 0x180E,  0x1680,  0x200B,  0x200C,  0x200D,  0x200E,  0x200F,  0x2028,  0x202E,
       0x2060, 0x2064, 0x2065, 0x206F,  0x20DD,  0x2800,  0x3000,  0x3164,  0xFE0F,  0xFEFF,  0xFFA0,  0xFFF0,
       0xFFF9, 0xFFFE, 0xFDD0, 0x1D159, 0x1D173, 0x1FFFE, 0xE0001, 0xE0020, 0xE0080, 0xE0100, 0x10FFFF}));
  CAPTURE(static_cast<std::uint32_t>(hidden));
  CHECK_FALSE(unicode::is_visible(hidden));
}

TEST_CASE("unicode: letters, digits, signs and symbols are visible", "[core][unicode]") {
  const char32_t seen = GENERATE(values<char32_t>({U'a', U'0', U'-', U'_', U'=', 0xE9, 0x05D0, 0x0627, 0x0915, 0x3042,
                                                   0x65E5, 0xAC00, 0x1F600, 0x2801, 0xE000, 0x1FAF9}));
  CAPTURE(static_cast<std::uint32_t>(seen));
  CHECK(unicode::is_visible(seen));
}

TEST_CASE("unicode: white space, controls and directions are told apart", "[core][unicode]") {
  for (const char32_t space : std::initializer_list<char32_t>{0x09, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x200A,
                                                              0x2028, 0x2029, 0x202F, 0x205F, 0x3000}) {
    CHECK(unicode::is_white_space(space));
  }
  for (const char32_t other : std::initializer_list<char32_t>{0x08, 0x0E, 0x200B, 0x180E, 0x2060, 0xFEFF})
    CHECK_FALSE(unicode::is_white_space(other));
  for (const char32_t control :
       std::initializer_list<char32_t>{0x00, 0x1F, 0x7F, 0x9F, 0x2028, 0x202A, 0x202E, 0x2066, 0x2069}) {
    CHECK(unicode::is_control(control));
  }
  for (const char32_t other : std::initializer_list<char32_t>{0x20, 0xA0, 0x200E, 0x200D})
    CHECK_FALSE(unicode::is_control(other));
  CHECK(unicode::is_right_to_left(0x05D0));
  CHECK(unicode::is_right_to_left(0x0627));
  for (const char32_t other : std::initializer_list<char32_t>{0x200F, 0x61, 0x0661})
    CHECK_FALSE(unicode::is_right_to_left(other));
}

}  // namespace
}  // namespace tally::core
