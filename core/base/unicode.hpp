#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Text as Unicode sees it: the one adapter of utf8proc (docs/adr/0050-utf8proc.md), which knows Unicode 15. Functions
/// without errors take any bytes. Threads: any.
namespace tally::core::unicode {

struct Character {
  char32_t value = 0;
  std::size_t bytes = 0;  ///< 1 to 4.
};

/// The first character of `text`; empty if there is none, or no well-formed one: not in its shortest form, a surrogate,
/// beyond U+10FFFF, cut. Source: RFC 3629 §4.
std::optional<Character> first_character(std::string_view text);

bool is_utf8(std::string_view text);

/// Normalization Form C. What is assigned today keeps its form for ever (Unicode's stability policy); other characters
/// stay. Cost: of the square of the length for a run of combining marks, so whoever calls it has a bound. The memory in
/// between is wiped. Errors: malformed (not UTF-8). Source: Unicode Standard Annex #15.
Result<std::string> to_nfc(std::string_view text);

/// What two texts have in common that differ only in case and in how their characters are put together: for searching
/// and sorting, never stored. Bytes that are not UTF-8 stay as they are. Cost: as to_nfc(). Source: Unicode 15 §3.13,
/// D145 (canonical caseless matching, by full case folding).
std::string fold_case(std::string_view text);

/// The property White_Space.
bool is_white_space(char32_t character);

/// Control characters, line and paragraph separators, and the controls that turn the direction of what follows, with
/// which one text can be made to look like another ("Trojan Source", CVE-2021-42574).
bool is_control(char32_t character);

/// U+200E, U+200F and U+061C: marks of direction that show nothing.
bool is_direction_mark(char32_t character);

/// A character that is written from right to left by itself: a letter of Hebrew or Arabic, for two.
bool is_right_to_left(char32_t character);

/// Whether a reader sees something where it stands alone: no white space, control, mark, format character, nor what is
/// ignored by default (U+200B, U+3164, …) or drawn as a blank (U+2800). What Unicode 15 has not assigned is seen.
bool is_visible(char32_t character);

/// How many columns of a terminal it takes: 0, 1 or 2. Source: Unicode Standard Annex #11.
std::size_t columns_of(char32_t character);

}  // namespace tally::core::unicode
