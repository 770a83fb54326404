#include "core/crypto/base64.hpp"

#include <array>

namespace tally::core::crypto {
namespace {

constexpr char kUrlAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kStandardAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;
using Values = std::array<std::uint8_t, 256>;

constexpr Values make_values(const char* alphabet) {
  Values values{};
  values.fill(kNoDigit);
  for (std::uint8_t digit = 0; digit < 64; ++digit) values[static_cast<unsigned char>(alphabet[digit])] = digit;
  return values;
}
constexpr Values kUrlValues = make_values(kUrlAlphabet);
constexpr Values kStandardValues = make_values(kStandardAlphabet);

Error malformed() { return fail(Errc::malformed, "not base64"); }

/// Decodes digits without padding. Every digit is looked at before one answer is given.
Result<Bytes> decode(const Values& values, std::string_view text) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return malformed();
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  std::uint8_t bad = 0;
  const auto digit = [&](std::size_t position) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[position])];
    bad |= value;
    return std::uint32_t{value};
  };
  std::size_t position = 0;
  for (; position + 4 <= text.size(); position += 4) {
    bits = digit(position) << 18 | digit(position + 1) << 12 | digit(position + 2) << 6 | digit(position + 3);
    out.push_back(static_cast<std::uint8_t>(bits >> 16));
    out.push_back(static_cast<std::uint8_t>(bits >> 8));
    out.push_back(static_cast<std::uint8_t>(bits));
  }
  if (tail >= 2) {
    bits = digit(position) << 18 | digit(position + 1) << 12 | (tail == 3 ? digit(position + 2) << 6 : 0);
    out.push_back(static_cast<std::uint8_t>(bits >> 16));
    if (tail == 3) out.push_back(static_cast<std::uint8_t>(bits >> 8));
    // One value has one text: bits that no byte takes must be zero.
    if ((bits & (tail == 3 ? 0xffu : 0xffffu)) != 0) return malformed();
  }
  // Digits are below 64, and "no digit" has every bit set.
  if (bad >= 64) return malformed();
  return out;
}

/// The digits, without padding.
void append_digits(const char* alphabet, std::string& out, ByteView bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() * 4 + 2) / 3);
  char* put = out.data() + begin;
  std::size_t position = 0;
  for (; position + 3 <= bytes.size(); position += 3) {
    const std::uint32_t bits =
        std::uint32_t{bytes[position]} << 16 | std::uint32_t{bytes[position + 1]} << 8 | bytes[position + 2];
    *put++ = alphabet[bits >> 18];
    *put++ = alphabet[bits >> 12 & 63];
    *put++ = alphabet[bits >> 6 & 63];
    *put++ = alphabet[bits & 63];
  }
  const std::size_t left = bytes.size() - position;
  if (left == 0) return;
  const std::uint32_t bits =
      std::uint32_t{bytes[position]} << 16 | (left == 2 ? std::uint32_t{bytes[position + 1]} << 8 : 0);
  *put++ = alphabet[bits >> 18];
  *put++ = alphabet[bits >> 12 & 63];
  if (left == 2) *put = alphabet[bits >> 6 & 63];
}

}  // namespace

void append_base64url(std::string& out, ByteView bytes) { append_digits(kUrlAlphabet, out, bytes); }

std::string base64url_encode(ByteView bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

std::string base64_encode(ByteView bytes) {
  std::string out;
  append_digits(kStandardAlphabet, out, bytes);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<Bytes> base64url_decode(std::string_view text) { return decode(kUrlValues, text); }

Result<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return malformed();
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(kStandardValues, text);
}

}  // namespace tally::core::crypto
