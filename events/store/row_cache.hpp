#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/store/family.hpp"

namespace tally::events {

/// Rows that were read or written lately, by their whole keys, in front of a store with one committing thread. It never
/// says what the store would not say: a row is forgotten before its write begins, is entered by the write once the
/// store has it, and what a reader found is entered only if no write of such a row began meanwhile. So two readers, one
/// after the other, never see a row go back. docs/adr/0009-rows-found-by-hash.md.
///
/// Bounded: sets of four rows; a fifth takes the place of the one that was used longest ago; large rows are passed
/// over. Whoever may choose keys can aim at one set, and push out the four rows that are in it.
///
/// Threads: find() and remember() from any; the others from the committing thread.
class RowCache {
 public:
  /// Empty: there is no such row.
  using Row = std::optional<std::string>;
  /// What remember() needs to know of the moment at which the store was not asked yet.
  using Ticket = std::uint32_t;
  struct Found {
    bool is_known = false;  ///< False: ask the store, and remember() its answer with the ticket.
    Row row;
    Ticket ticket = 0;
  };

  /// Room for about `rows_max` rows (the next power of two); those of more than `row_bytes_max`, key included, are not
  /// kept. Memory: at most about 70 bytes and `row_bytes_max` for each.
  RowCache(std::size_t rows_max, std::size_t row_bytes_max);

  [[nodiscard]] Found find(Family family, std::string_view key);
  /// Enters what the store said after find() gave `ticket`, unless it may be out of date.
  void remember(Family family, std::string_view key, const Row& row, Ticket ticket);

  /// To be called for each row of a write before the store is touched, and then, if it succeeded, wrote() for each.
  /// After a write that failed its rows, and those of their sets, are not remembered again.
  void will_write(Family family, std::string_view key);
  void wrote(Family family, std::string_view key, std::string_view value, bool erased);

  /// For rows that were changed in another way than by a write.
  void forget_all();

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kLocks = 64;

  enum class State : std::uint8_t { free, present, absent };
  struct Entry {
    std::string bytes;            ///< Key, then value.
    std::uint64_t last_used = 0;  ///< In uses of the set.
    std::uint32_t key_size = 0;
    Family family{};
    State state = State::free;
  };
  struct Set {
    std::uint64_t uses = 0;
    Ticket version = 0;  ///< Odd: one of its rows is being written.
    std::array<Entry, kWays> entries;
  };

  [[nodiscard]] std::size_t index_of(Family family, std::string_view key) const;
  [[nodiscard]] std::mutex& lock_of(std::size_t index) { return locks_[index % kLocks]; }
  static Entry* entry_of(Set& set, Family family, std::string_view key);
  static Entry& place_in(Set& set, Family family, std::string_view key);
  void enter(Set& set, Family family, std::string_view key, std::string_view value, State state) const;

  const std::size_t row_bytes_max_;
  std::array<std::mutex, kLocks> locks_;
  std::vector<Set> sets_;  // a power of two; each guarded by its lock
};

}  // namespace tally::events
