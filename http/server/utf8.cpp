#include "http/server/utf8.hpp"

#include <cstdint>

namespace tally::http {
namespace {

struct Lead {
  std::size_t bytes = 0;
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
};

// The second byte alone decides about overlong forms, surrogates and the upper end.
Lead lead_of(std::uint8_t first) {
  if (first < 0x80) return {1};
  if (first < 0xC2) return {};
  if (first < 0xE0) return {2};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [text](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const Lead lead = lead_of(byte(0));
  if (lead.bytes <= 1) return lead.bytes;
  if (text.size() < lead.bytes || byte(1) < lead.second_min || byte(1) > lead.second_max) return 0;
  for (std::size_t index = 2; index < lead.bytes; ++index) {
    if ((byte(index) & 0xC0U) != 0x80U) return 0;
  }
  return lead.bytes;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace tally::http
