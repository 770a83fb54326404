#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/base/time.hpp"

namespace tally::http {

/// The keys that were seen last, in constant memory: where there is no room the one that was not seen for longest
/// makes way. Threads: any.
class RecentKeys {
 public:
  /// `keys` is rounded up to a power of two.
  explicit RecentKeys(std::size_t keys);

  /// `key` is a well-mixed number: never trust a stranger to choose it freely.
  void note(std::uint64_t key, core::Timestamp now);
  [[nodiscard]] bool knows(std::uint64_t key) const;

 private:
  /// 64 bytes: one line of the processor's cache. Key 0 is free.
  struct alignas(64) Set {
    struct Entry {
      std::uint64_t key = 0;
      std::int64_t seen_at = 0;  ///< Microseconds.
    };
    std::array<Entry, 4> entries;
  };
  [[nodiscard]] std::size_t set_of(std::uint64_t key) const { return key & (sets_.size() - 1); }

  mutable std::mutex mutex_;
  std::vector<Set> sets_;  // guarded by mutex_
};

}  // namespace tally::http
