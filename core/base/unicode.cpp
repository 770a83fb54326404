#include "core/base/unicode.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utf8proc.h>
#include <utility>
#include <vector>

#include "core/base/ascii.hpp"
#include "core/base/secret.hpp"

namespace tally::core::unicode {
namespace {

using Range = std::pair<char32_t, char32_t>;

/// Default_Ignorable_Code_Point where nothing is assigned yet, which the library's tables leave out. Source: Unicode
/// 15, DerivedCoreProperties.txt.
constexpr std::array kIgnoredUnassigned{Range{0x2065, 0x2065}, Range{0xFFF0, 0xFFF8}, Range{0xE0000, 0xE0FFF}};
/// Symbols by their category that are drawn as nothing: the Braille pattern without a dot, and the null note head.
constexpr std::array kDrawnBlank{Range{0x2800, 0x2800}, Range{0x1D159, 0x1D159}};

template <std::size_t Count>
bool lies_in(const std::array<Range, Count>& ranges, char32_t value) {
  return std::ranges::any_of(ranges, [value](const Range& one) { return value >= one.first && value <= one.second; });
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

const utf8proc_property_t& properties_of(char32_t character) {
  return *utf8proc_get_property(static_cast<utf8proc_int32_t>(character));
}

/// The code points of one text, wiped when they go: it may be a password.
class CodePoints {
 public:
  CodePoints() = default;
  CodePoints(const CodePoints&) = delete;
  CodePoints& operator=(const CodePoints&) = delete;
  ~CodePoints() { wipe(points_.data(), points_.size() * sizeof points_.front()); }

  /// The text mapped by `options` and composed. Errors: malformed.
  Result<std::string> map(std::string_view text, int options) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    const auto all = static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    const utf8proc_ssize_t count = utf8proc_decompose(bytes, size, nullptr, 0, all);
    if (count < 0) return fail(Errc::malformed, "not UTF-8");
    // One more, where the library puts a zero behind the text.
    points_.resize(static_cast<std::size_t>(count) + 1);
    const utf8proc_ssize_t written = utf8proc_decompose(bytes, size, points_.data(), count, all);
    TALLY_CHECK(written == count, std::to_string(written));
    const utf8proc_ssize_t length = utf8proc_reencode(points_.data(), count, all);
    TALLY_CHECK(length >= 0, std::to_string(length));
    return std::string{reinterpret_cast<const char*>(points_.data()), static_cast<std::size_t>(length)};
  }

 private:
  std::vector<utf8proc_int32_t> points_;
};

}  // namespace

std::optional<Character> first_character(std::string_view text) {
  if (text.empty()) return std::nullopt;
  utf8proc_int32_t point = -1;
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(std::min(text.size(), std::size_t{4})), &point);
  if (bytes <= 0 || point < 0) return std::nullopt;
  return Character{static_cast<char32_t>(point), static_cast<std::size_t>(bytes)};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (std::uint64_t eight = 0; text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if ((eight & 0x8080'8080'8080'8080) == 0) {
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      text.remove_prefix(1);
      continue;
    }
    const auto first = first_character(text);
    if (!first) return false;
    text.remove_prefix(first->bytes);
  }
  return true;
}

Result<std::string> to_nfc(std::string_view text) {
  if (is_ascii(text)) return std::string{text};
  return CodePoints{}.map(text, 0);
}

std::string fold_case(std::string_view text) {
  if (is_ascii(text)) return ascii::small_letters(text);
  // Composed first: a mark that folding makes a letter of would not find its place any more.
  const auto composed = to_nfc(text);
  if (composed.has_error()) return ascii::small_letters(text);
  return *CodePoints{}.map(*composed, UTF8PROC_CASEFOLD);
}

bool is_white_space(char32_t character) {
  if ((character >= 0x09 && character <= 0x0D) || character == 0x85) return true;
  switch (properties_of(character).category) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

bool is_control(char32_t character) {
  switch (properties_of(character).category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
  }
}

bool is_direction_mark(char32_t character) { return character == 0x200E || character == 0x200F || character == 0x061C; }

bool is_right_to_left(char32_t character) {
  if (is_direction_mark(character)) return false;
  const auto direction = properties_of(character).bidi_class;
  return direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL;
}

bool is_visible(char32_t character) {
  if (is_white_space(character) || lies_in(kDrawnBlank, character)) return false;
  const utf8proc_property_t& properties = properties_of(character);
  switch (properties.category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return false;
    case UTF8PROC_CATEGORY_CN:
      return !lies_in(kIgnoredUnassigned, character) && (character & 0xFFFE) != 0xFFFE &&
             !(character >= 0xFDD0 && character <= 0xFDEF);
    default:
      return properties.ignorable == 0;
  }
}

std::size_t columns_of(char32_t character) {
  return static_cast<std::size_t>(std::clamp(utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)), 0, 2));
}

}  // namespace tally::core::unicode
