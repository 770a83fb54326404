#include "core/base/secret.hpp"

#include <cstring>

#include "core/base/check.hpp"
#include "core/base/crc32.hpp"

namespace tally::core {
namespace {

constexpr char kBase62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kPrefixCharacters = 4;
constexpr std::size_t kDigits = 43;
constexpr std::size_t kChecksumDigits = 6;
constexpr std::uint8_t kNoBase62Digit = 0xff;

/// Five digits at a time are what a 32-bit limb can carry: 62^5 < 2^32.
constexpr std::size_t kDigitsPerStep = 5;
constexpr std::uint32_t kStep = 62u * 62u * 62u * 62u * 62u;
using Limbs = std::array<std::uint32_t, 8>;  // Most significant first.

constexpr std::array<std::uint8_t, 256> make_base62_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoBase62Digit);
  for (std::uint8_t digit = 0; digit < 62; ++digit) values[static_cast<unsigned char>(kBase62[digit])] = digit;
  return values;
}
constexpr std::array<std::uint8_t, 256> kBase62Values = make_base62_values();

std::string_view prefix_of(SecretKind kind) {
  switch (kind) {
    case SecretKind::refresh_token:
      return "tlr_";
    case SecretKind::resource_server:
      return "tls_";
    case SecretKind::access_token:
      return "tla_";
  }
  check_failed("a known SecretKind", __FILE__, __LINE__, {});
}

/// Divides `limbs` by 62^5 and gives the remainder.
std::uint32_t take_step(Limbs& limbs) {
  std::uint64_t remainder = 0;
  for (std::uint32_t& limb : limbs) {
    const std::uint64_t dividend = remainder << 32 | limb;
    limb = static_cast<std::uint32_t>(dividend / kStep);
    remainder = dividend % kStep;
  }
  return static_cast<std::uint32_t>(remainder);
}

/// Writes `count` digits of `value` so that they end at `end`; gives where they begin.
char* put_digits_before(char* end, std::size_t count, std::uint32_t value) {
  for (std::size_t i = 0; i < count; ++i, value /= 62) *--end = kBase62[value % 62];
  return end;
}

/// True if the digits, all of them known, are a number of at most 256 bits.
bool fits_in_256_bits(std::string_view digits) {
  Limbs limbs{};
  bool fits = true;
  for (std::size_t position = 0; position < digits.size();) {
    // The first step is short, so that the others are whole.
    const std::size_t count = position == 0 ? digits.size() % kDigitsPerStep : kDigitsPerStep;
    std::uint64_t carry = 0;
    std::uint64_t factor = 1;
    for (const char digit : digits.substr(position, count)) {
      carry = carry * 62 + kBase62Values[static_cast<unsigned char>(digit)];
      factor *= 62;
    }
    for (std::size_t i = limbs.size(); i-- > 0;) {
      const std::uint64_t product = limbs[i] * factor + carry;
      limbs[i] = static_cast<std::uint32_t>(product);
      carry = product >> 32;
    }
    fits = fits && carry == 0;
    position += count;
  }
  wipe(limbs.data(), sizeof limbs);
  return fits;
}

void put_checksum(char* end, std::string_view before) {
  put_digits_before(end, kChecksumDigits, crypto::crc32(before));
}

}  // namespace

void wipe(void* memory, std::size_t bytes) {
  if (bytes == 0) return;
  std::memset(memory, 0, bytes);
  // Tells the compiler that the zeros are read, so that the store above is kept.
  asm volatile("" : : "r"(memory) : "memory");
}

namespace {

/// A string that was moved from may keep short text in itself.
void wipe_all(std::string& text) {
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace

SecretText::SecretText(std::string text) : text_(std::move(text)) { wipe_all(text); }

SecretText::SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { wipe_all(other.text_); }

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this == &other) return *this;
  wipe_all(text_);
  text_ = std::move(other.text_);
  wipe_all(other.text_);
  return *this;
}

SecretText::~SecretText() { wipe_all(text_); }

OpaqueSecret OpaqueSecret::generate(SecretKind kind, RandomSource& random) {
  std::array<std::uint8_t, 32> bytes;
  random.fill(bytes);
  Limbs limbs;
  for (std::size_t i = 0; i < limbs.size(); ++i) {
    const std::uint8_t* limb = bytes.data() + 4 * i;
    limbs[i] = std::uint32_t{limb[0]} << 24 | std::uint32_t{limb[1]} << 16 | std::uint32_t{limb[2]} << 8 | limb[3];
  }
  std::string text(kCharacters, '0');
  prefix_of(kind).copy(text.data(), kPrefixCharacters);
  char* const begin = text.data() + kPrefixCharacters;
  for (char* end = begin + kDigits; end != begin;) {
    const auto left = static_cast<std::size_t>(end - begin);
    end = put_digits_before(end, left < kDigitsPerStep ? left : kDigitsPerStep, take_step(limbs));
  }
  TALLY_CHECK(limbs == Limbs{});  // 62^43 > 2^256: no digit is lost.
  put_checksum(text.data() + kCharacters, std::string_view{text}.substr(0, kPrefixCharacters + kDigits));
  wipe(bytes.data(), bytes.size());
  return OpaqueSecret{SecretText{std::move(text)}};
}

Result<OpaqueSecret> OpaqueSecret::parse(SecretKind kind, std::string_view text) {
  const auto malformed = [] { return fail(Errc::malformed, "not a secret of this server's form"); };
  if (text.size() != kCharacters || !text.starts_with(prefix_of(kind))) return malformed();
  const std::string_view digits = text.substr(kPrefixCharacters, kDigits);
  for (const char digit : text.substr(kPrefixCharacters)) {
    if (kBase62Values[static_cast<unsigned char>(digit)] == kNoBase62Digit) return malformed();
  }
  std::array<char, kChecksumDigits> checksum;
  put_checksum(checksum.data() + checksum.size(), text.substr(0, kPrefixCharacters + kDigits));
  if (text.substr(kPrefixCharacters + kDigits) != std::string_view{checksum.data(), checksum.size()})
    return malformed();
  if (!fits_in_256_bits(digits)) return malformed();
  return OpaqueSecret{SecretText{std::string{text}}};
}

}  // namespace tally::core
