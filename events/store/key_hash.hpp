#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tally::events {

/// For hash tables in memory whose keys are almost all ids and digests that the server has drawn. Who may choose a key
/// can aim at a place: that may cost time, and nothing else. Not for anything on a disk.
inline std::uint64_t hash_of(std::string_view key) {
  // Keys begin with UUIDs, whose first bytes are a clock: every byte has to count.
  constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t hash = key.size() * kMultiplier;
  const char* at = key.data();
  std::size_t left = key.size();
  while (left >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
    at += 8;
    left -= 8;
  }
  std::uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  hash = (hash ^ word) * kMultiplier;
  return hash ^ (hash >> 29);
}

}  // namespace tally::events
