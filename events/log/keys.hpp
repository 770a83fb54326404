#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

/// The parts that keys are made of: fixed widths, big-endian, so that byte order is logical order. Source:
/// docs/formats.md.
namespace tally::events {

inline void append_be64(std::string& out, std::uint64_t value) {
  char bytes[8];
  for (int index = 7; index >= 0; --index, value >>= 8) bytes[index] = static_cast<char>(value & 0xff);
  out.append(bytes, sizeof bytes);
}

inline void append_be32(std::string& out, std::uint32_t value) {
  char bytes[4];
  for (int index = 3; index >= 0; --index, value >>= 8) bytes[index] = static_cast<char>(value & 0xff);
  out.append(bytes, sizeof bytes);
}

/// The number in the first 8 bytes; empty if there are fewer.
inline std::optional<std::uint64_t> read_be64(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t index = 0; index < 8; ++index) value = (value << 8) | static_cast<std::uint8_t>(bytes[index]);
  return value;
}

inline std::optional<std::uint32_t> read_be32(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t index = 0; index < 4; ++index) value = (value << 8) | static_cast<std::uint8_t>(bytes[index]);
  return value;
}

inline void append_uuid(std::string& out, const core::Uuid& uuid) {
  out.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}

/// The key of an event in the log.
inline std::string key_of(core::Sequence sequence) {
  std::string key;
  append_be64(key, sequence.value);
  return key;
}

}  // namespace tally::events
