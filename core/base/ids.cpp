#include "core/base/ids.hpp"

#include "core/base/check.hpp"

namespace tally::core {
namespace {

constexpr std::size_t kSuffixCharacters = 26;
constexpr std::int64_t kMillisecondsMax = (std::int64_t{1} << 48) - 1;
constexpr std::int64_t kFractions = 1 << 12;  // That a millisecond has in 12 bits.
constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint8_t kNoBase32Digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_base32_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoBase32Digit);
  for (std::uint8_t digit = 0; digit < 32; ++digit) values[static_cast<unsigned char>(kBase32[digit])] = digit;
  return values;
}
constexpr std::array<std::uint8_t, 256> kBase32Values = make_base32_values();

void put_milliseconds(Uuid& uuid, Timestamp time) {
  const std::int64_t milliseconds = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  TALLY_CHECK(milliseconds >= 0 && milliseconds <= kMillisecondsMax, std::to_string(milliseconds));
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  }
}

std::uint64_t load_big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

void store_big_endian(std::uint8_t* bytes, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
}

}  // namespace

Uuid make_uuid_v7(Timestamp time, const UuidEntropy& entropy) {
  Uuid uuid;
  put_milliseconds(uuid, time);
  std::memcpy(uuid.bytes.data() + 6, entropy.data(), entropy.size());
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | (uuid.bytes[6] & 0x0f));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3f));
  return uuid;
}

Uuid make_uuid_v7_in_microsecond(Timestamp time, const UuidEntropy& entropy) {
  Uuid uuid = make_uuid_v7(time, entropy);
  const auto within = time - std::chrono::floor<std::chrono::milliseconds>(time);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(within).count();
  const auto fraction = static_cast<std::uint32_t>(microseconds * kFractions / 1'000);
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | fraction >> 8);
  uuid.bytes[7] = static_cast<std::uint8_t>(fraction);
  return uuid;
}

Uuid make_uuid_v7_in_log(Timestamp time, Sequence sequence, const UuidEntropy& entropy) {
  Uuid uuid = make_uuid_v7_in_microsecond(time, entropy);
  const std::uint64_t number = sequence.value & 0xffff'ffff;
  const std::uint64_t chance = load_big_endian(uuid.bytes.data() + 8) & 0x3fff'ffff;
  store_big_endian(uuid.bytes.data() + 8, std::uint64_t{2} << 62 | number << 30 | chance);
  return uuid;
}

Uuid uuid_v7_lower_bound(Timestamp time) { return make_uuid_v7(time, UuidEntropy{}); }

Timestamp time_of_uuid_v7(const Uuid& uuid) {
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | uuid.bytes[i];
  return Timestamp{std::chrono::milliseconds{milliseconds}};
}

void append_type_id(std::string& out, std::string_view prefix, const Uuid& uuid) {
  std::uint64_t high = load_big_endian(uuid.bytes.data());
  std::uint64_t low = load_big_endian(uuid.bytes.data() + 8);
  std::array<char, kSuffixCharacters> suffix;
  for (std::size_t i = kSuffixCharacters; i-- > 0;) {
    suffix[i] = kBase32[low & 31];
    low = low >> 5 | high << 59;
    high >>= 5;
  }
  out.append(prefix);
  out.push_back('_');
  out.append(suffix.data(), suffix.size());
}

std::string format_type_id(std::string_view prefix, const Uuid& uuid) {
  std::string out;
  out.reserve(prefix.size() + 1 + kSuffixCharacters);
  append_type_id(out, prefix, uuid);
  return out;
}

Result<Uuid> parse_type_id(std::string_view prefix, std::string_view text) {
  const auto malformed = [&prefix] {
    return fail(Errc::malformed, "not an id of the form " + std::string{prefix} + "_ and 26 characters");
  };
  if (text.size() != prefix.size() + 1 + kSuffixCharacters) return malformed();
  if (!text.starts_with(prefix) || text[prefix.size()] != '_') return malformed();
  const std::string_view suffix = text.substr(prefix.size() + 1);
  // 26 digits of 5 bits hold 130 bits: the first may only use three of its five.
  if (suffix.front() > '7') return malformed();
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (const char character : suffix) {
    const std::uint8_t digit = kBase32Values[static_cast<unsigned char>(character)];
    if (digit == kNoBase32Digit) return malformed();
    high = high << 5 | low >> 59;
    low = low << 5 | digit;
  }
  Uuid uuid;
  store_big_endian(uuid.bytes.data(), high);
  store_big_endian(uuid.bytes.data() + 8, low);
  return uuid;
}

}  // namespace tally::core
