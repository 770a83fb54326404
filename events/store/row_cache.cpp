#include "events/store/row_cache.hpp"

#include <algorithm>
#include <bit>

#include "events/store/key_hash.hpp"

namespace tally::events {
namespace {

bool is_odd(RowCache::Ticket version) { return version % 2 == 1; }

/// A string that has no more room than it is asked for, as growing would give it.
std::string string_for(std::size_t bytes) {
  std::string room;
  room.reserve(bytes);
  return room;
}

}  // namespace

RowCache::RowCache(std::size_t rows_max, std::size_t row_bytes_max)
    : row_bytes_max_(row_bytes_max), sets_(std::bit_ceil(std::max<std::size_t>(rows_max / kWays, 1))) {}

RowCache::Found RowCache::find(Family family, std::string_view key) {
  const std::size_t index = index_of(family, key);
  Found found;
  const std::lock_guard lock{lock_of(index)};
  Set& set = sets_[index];
  found.ticket = set.version;
  Entry* entry = entry_of(set, family, key);
  if (entry == nullptr) return found;
  entry->last_used = ++set.uses;
  found.is_known = true;
  if (entry->state == State::present) found.row.emplace(entry->bytes, entry->key_size);
  return found;
}

void RowCache::remember(Family family, std::string_view key, const Row& row, Ticket ticket) {
  const std::size_t index = index_of(family, key);
  const std::lock_guard lock{lock_of(index)};
  Set& set = sets_[index];
  if (is_odd(ticket) || ticket != set.version) return;
  enter(set, family, key, row ? std::string_view{*row} : std::string_view{}, row ? State::present : State::absent);
}

void RowCache::will_write(Family family, std::string_view key) {
  const std::size_t index = index_of(family, key);
  const std::lock_guard lock{lock_of(index)};
  Set& set = sets_[index];
  if (!is_odd(set.version)) ++set.version;
  if (Entry* entry = entry_of(set, family, key); entry != nullptr) entry->state = State::free;
}

void RowCache::wrote(Family family, std::string_view key, std::string_view value, bool erased) {
  const std::size_t index = index_of(family, key);
  const std::lock_guard lock{lock_of(index)};
  Set& set = sets_[index];
  // The first of several rows of a set ends it for all of them: the store has them all by now.
  if (is_odd(set.version)) ++set.version;
  enter(set, family, key, value, erased ? State::absent : State::present);
}

void RowCache::forget_all() {
  for (std::size_t index = 0; index < sets_.size(); ++index) {
    const std::lock_guard lock{lock_of(index)};
    Set& set = sets_[index];
    set.version += 2;
    for (Entry& entry : set.entries) entry.state = State::free;
  }
}

std::size_t RowCache::index_of(Family family, std::string_view key) const {
  const std::uint64_t hash = hash_of(key) + static_cast<std::uint64_t>(family);
  return static_cast<std::size_t>(hash & (sets_.size() - 1));
}

RowCache::Entry* RowCache::entry_of(Set& set, Family family, std::string_view key) {
  for (Entry& entry : set.entries) {
    if (entry.state == State::free || entry.family != family || entry.key_size != key.size()) continue;
    if (std::string_view{entry.bytes}.substr(0, entry.key_size) == key) return &entry;
  }
  return nullptr;
}

/// Its own place, or a free one, or that of the one used longest ago.
RowCache::Entry& RowCache::place_in(Set& set, Family family, std::string_view key) {
  if (Entry* own = entry_of(set, family, key); own != nullptr) return *own;
  return *std::min_element(set.entries.begin(), set.entries.end(), [](const Entry& left, const Entry& right) {
    if ((left.state == State::free) != (right.state == State::free)) return left.state == State::free;
    return left.last_used < right.last_used;
  });
}

void RowCache::enter(Set& set, Family family, std::string_view key, std::string_view value, State state) const {
  const std::size_t size = key.size() + value.size();
  if (size > row_bytes_max_) return;
  Entry& entry = place_in(set, family, key);
  // Memory may be out: that leaves the entry as it was.
  if (entry.bytes.capacity() < size) entry.bytes = string_for(size);
  entry.bytes.assign(key).append(value);
  entry.last_used = ++set.uses;
  entry.key_size = static_cast<std::uint32_t>(key.size());
  entry.family = family;
  entry.state = state;
}

}  // namespace tally::events
