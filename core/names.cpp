#include "core/names.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace tally::core {
namespace {

constexpr char32_t kNotUtf8 = 0xffffffff;

/// The code point at the front of `text`, which is taken off. kNotUtf8 for anything that is not its shortest form, for
/// surrogates and beyond U+10FFFF. Source: RFC 3629 §4.
char32_t take_code_point(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t size = 1;
  char32_t smallest = 0;
  char32_t value = first;
  if (first >= 0xf0) {
    size = 4;
    smallest = 0x10000;
    value = first & 0x07u;
  } else if (first >= 0xe0) {
    size = 3;
    smallest = 0x800;
    value = first & 0x0fu;
  } else if (first >= 0xc0) {
    size = 2;
    smallest = 0x80;
    value = first & 0x1fu;
  }
  if ((first >= 0x80 && size == 1) || first >= 0xf8 || text.size() < size) return kNotUtf8;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return kNotUtf8;
    value = value << 6 | (byte(i) & 0x3fu);
  }
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || is_surrogate) return kNotUtf8;
  text.remove_prefix(size);
  return value;
}

/// Unicode's White_Space property. Source: Unicode 15, PropList.txt.
bool is_white_space(char32_t point) {
  return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
         point == 0x205f || point == 0x3000;
}

/// Control characters, line and paragraph separators, and the controls of direction, with which one name can be made to
/// look like another ("Trojan Source", CVE-2021-42574).
bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

Result<std::string> normalize(std::string_view field, std::string_view text, std::size_t characters_min,
                              std::size_t characters_max) {
  std::string_view rest = text;
  std::size_t begin = text.size();
  std::size_t end = 0;
  std::size_t characters = 0;       // From the first that is no white space.
  std::size_t characters_kept = 0;  // To the last that is no white space.
  bool control_seen = false;        // Since `begin`; counts only once something follows it.
  bool control_kept = false;
  while (!rest.empty()) {
    const std::size_t position = text.size() - rest.size();
    const char32_t point = take_code_point(rest);
    if (point == kNotUtf8) return invalid(std::string{field}, "not UTF-8");
    const bool is_space = is_white_space(point);
    if (is_space && begin == text.size()) continue;
    begin = std::min(begin, position);
    ++characters;
    control_seen = control_seen || is_control(point);
    if (is_space) continue;
    end = text.size() - rest.size();
    characters_kept = characters;
    control_kept = control_seen;
  }
  if (control_kept) return invalid(std::string{field}, "control characters are not allowed");
  if (characters_kept < characters_min || characters_kept > characters_max) {
    return invalid(std::string{field}, std::to_string(characters_min) + " to " + std::to_string(characters_max) +
                                           " characters are allowed, not " + std::to_string(characters_kept));
  }
  return end == 0 ? std::string{} : std::string{text.substr(begin, end - begin)};
}

/// RFC 3986 appendix A: unreserved, reserved and '%', but not '#'.
bool is_uri_character(char character) {
  constexpr std::string_view kMarks = "-._~:/?[]@!$&'()*+,;=%";
  const bool is_digit = character >= '0' && character <= '9';
  const bool is_letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
  return is_digit || is_letter || kMarks.find(character) != std::string_view::npos;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !((text.front() | 0x20) >= 'a' && (text.front() | 0x20) <= 'z')) return false;
  return std::all_of(text.begin(), text.end(), [](char character) {
    return is_uri_character(character) &&
           std::string_view{"_~:/?[]@!$&'()*,;=%"}.find(character) == std::string_view::npos;
  });
}

}  // namespace

Result<void> check_resource(std::string_view field, std::string_view uri) {
  if (uri.size() > limits::kResourceBytesMax) {
    return invalid(std::string{field}, "at most " + std::to_string(limits::kResourceBytesMax) + " bytes");
  }
  const std::size_t colon = uri.find(':');
  const bool is_absolute = colon != std::string_view::npos && is_scheme(uri.substr(0, colon)) && colon + 1 < uri.size();
  if (!is_absolute || !std::all_of(uri.begin(), uri.end(), is_uri_character)) {
    return invalid(std::string{field}, "not an absolute URI without a fragment");
  }
  return {};
}

Result<std::string> normalize_name(std::string_view field, std::string_view text) {
  return normalize(field, text, 1, limits::kNameCharactersMax);
}

Result<std::string> normalize_reason(std::string_view field, std::string_view text) {
  return normalize(field, text, 0, limits::kReasonCharactersMax);
}

}  // namespace tally::core
