#include "projections/text_fold.hpp"

#include <cstdint>

namespace tally::projections {

namespace {

/// The small letter of a code point from U+0080 to U+07FF: those that take two bytes.
std::uint32_t small_letter(std::uint32_t code) {
  if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x0391 && code <= 0x03AB && code != 0x03A2) ||
      (code >= 0x0410 && code <= 0x042F)) {
    return code + 0x20;
  }
  if (code >= 0x0400 && code <= 0x040F) return code + 0x50;
  if (code == 0x0178) return 0xFF;
  // Latin Extended-A: capital and small letters alternate, with the parity changing twice; the dotted I has no partner
  // here.
  const bool even_capitals = (code >= 0x0100 && code <= 0x0137 && code != 0x0130) || (code >= 0x014A && code <= 0x0177);
  const bool odd_capitals = (code >= 0x0139 && code <= 0x0148) || (code >= 0x0179 && code <= 0x017E);
  if (even_capitals) return code | 1;
  if (odd_capitals && code % 2 == 1) return code + 1;
  return code;
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string out{text};
  for (std::size_t at = 0; at < out.size(); ++at) {
    const auto first = static_cast<std::uint8_t>(out[at]);
    if (first >= 'A' && first <= 'Z') {
      out[at] = static_cast<char>(first + ('a' - 'A'));
      continue;
    }
    const bool two_bytes = first >= 0xC2 && first <= 0xDF && at + 1 < out.size();
    if (!two_bytes || (static_cast<std::uint8_t>(out[at + 1]) & 0xC0) != 0x80) continue;
    const std::uint32_t code = small_letter((first & 0x1Fu) << 6 | (static_cast<std::uint8_t>(out[at + 1]) & 0x3Fu));
    out[at] = static_cast<char>(0xC0 | (code >> 6));
    out[at + 1] = static_cast<char>(0x80 | (code & 0x3F));
    ++at;
  }
  return out;
}

}  // namespace tally::projections
