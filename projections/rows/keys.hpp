#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

/// The keys of the projections' rows. Integers are big-endian, so that byte order is logical order. Source:
/// docs/formats.md.
namespace tally::projections {

/// Writes `value` in network order to `out`.
template <std::unsigned_integral Integer>
void store_big_endian(char* out, Integer value) {
  if constexpr (sizeof(Integer) == 8 && std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  if constexpr (sizeof(Integer) == 4 && std::endian::native == std::endian::little) value = __builtin_bswap32(value);
  if constexpr (sizeof(Integer) == 2 && std::endian::native == std::endian::little) value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}

template <std::unsigned_integral Integer>
Integer load_big_endian(const char* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (sizeof(Integer) == 8 && std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  if constexpr (sizeof(Integer) == 4 && std::endian::native == std::endian::little) value = __builtin_bswap32(value);
  if constexpr (sizeof(Integer) == 2 && std::endian::native == std::endian::little) value = __builtin_bswap16(value);
  return value;
}

/// A key of known length, made on the stack: no allocation on the writer's way.
template <std::size_t Size>
class Key {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), Size}; }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor): keys are passed as views
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  char* data() { return bytes_.data(); }

 private:
  std::array<char, Size> bytes_{};
};

namespace detail {
inline void add_part(char*& at, const core::Uuid& uuid) {
  std::memcpy(at, uuid.bytes.data(), uuid.bytes.size());
  at += uuid.bytes.size();
}
template <class Kind>
void add_part(char*& at, const core::TypedId<Kind>& id) {
  add_part(at, id.uuid());
}
inline void add_part(char*& at, const core::Digest& digest) {
  std::memcpy(at, digest.bytes.data(), digest.bytes.size());
  at += digest.bytes.size();
}
inline void add_part(char*& at, core::Sequence sequence) {
  store_big_endian(at, sequence.value);
  at += sizeof sequence.value;
}
/// Not before the epoch.
inline void add_part(char*& at, core::Timestamp time) {
  store_big_endian(at, static_cast<std::uint64_t>(core::micros_of(time)));
  at += sizeof(std::uint64_t);
}
template <class Part>
inline constexpr std::size_t kPartBytes = 16;
template <>
inline constexpr std::size_t kPartBytes<core::Digest> = 32;
template <>
inline constexpr std::size_t kPartBytes<core::Sequence> = 8;
template <>
inline constexpr std::size_t kPartBytes<core::Timestamp> = 8;
}  // namespace detail

/// The parts, one after the other: ids take 16 bytes, a digest 32, a sequence or a time 8.
template <class... Parts>
auto key_of(const Parts&... parts) {
  Key<(detail::kPartBytes<Parts> + ...)> key;
  char* at = key.data();
  (detail::add_part(at, parts), ...);
  return key;
}

inline std::string_view key_of_digest(const core::Digest& digest) { return core::as_text(digest.bytes); }

/// The 16 bytes of `key` from `offset`; the key must reach that far (its length was checked).
inline core::Uuid uuid_at(std::string_view key, std::size_t offset) {
  core::Uuid uuid;
  std::memcpy(uuid.bytes.data(), key.data() + offset, uuid.bytes.size());
  return uuid;
}

}  // namespace tally::projections
