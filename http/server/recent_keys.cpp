#include "http/server/recent_keys.hpp"

#include <algorithm>
#include <bit>

namespace tally::http {

RecentKeys::RecentKeys(std::size_t keys) : sets_(std::bit_ceil(std::max<std::size_t>(keys / 4, 1))) {}

void RecentKeys::note(std::uint64_t key, core::Timestamp now) {
  if (key == 0) key = 1;
  const std::lock_guard lock{mutex_};
  auto& entries = sets_[set_of(key)].entries;
  auto* found = std::find_if(entries.begin(), entries.end(), [key](const auto& entry) { return entry.key == key; });
  if (found == entries.end()) {
    found = std::min_element(entries.begin(), entries.end(),
                             [](const auto& left, const auto& right) { return left.seen_at < right.seen_at; });
  }
  *found = {key, core::micros_of(now)};
}

bool RecentKeys::knows(std::uint64_t key) const {
  if (key == 0) key = 1;
  const std::lock_guard lock{mutex_};
  const auto& entries = sets_[set_of(key)].entries;
  return std::any_of(entries.begin(), entries.end(), [key](const auto& entry) { return entry.key == key; });
}

}  // namespace tally::http
