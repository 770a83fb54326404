#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// The letters of ASCII, whatever the machine's locale is: what names, schemes and fields of protocols are compared by.
/// People's texts are folded by unicode.hpp.
namespace tally::core::ascii {

constexpr char small_letter(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

inline void make_small(std::string& text) { std::transform(text.begin(), text.end(), text.begin(), small_letter); }

[[nodiscard]] inline std::string small_letters(std::string_view text) {
  std::string small{text};
  make_small(small);
  return small;
}

/// Whether they differ by case alone, or not at all.
constexpr bool equal_without_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return small_letter(one) == small_letter(other); });
}

/// Without the blanks and tabs at both ends: optional whitespace of RFC 9110 §5.6.3.
constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace tally::core::ascii
