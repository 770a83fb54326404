#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace tally::http {

/// So many requests in a window; all of them at once, if nothing was asked before.
struct RatePolicy {
  std::string_view name;       ///< As clients see it. A literal.
  std::uint32_t requests = 0;  ///< 0: no limit.
  std::chrono::seconds window{60};
};

/// What a bucket says to one request.
struct RateVerdict {
  bool is_admitted = true;
  std::uint32_t remaining = 0;            ///< Requests that would be admitted now, after this one.
  std::uint32_t reset_seconds = 0;        ///< Until all of them are there again.
  std::uint32_t retry_after_seconds = 0;  ///< Of a refusal: until one is there again.
};

/// Token buckets of one policy, one per key, in constant memory: a bucket is one time (GCRA, the virtual-scheduling
/// form of the leaky bucket), and where there is no room the bucket that is nearest to full makes way. So whoever has
/// many keys can only make others' debts be forgotten, never add to them. Times may come out of order: what is older
/// than what came before counts as of then, unless the clock was set back. About 60 ns. Source: ITU-T I.371 annex A.
/// Threads: any.
class RateBuckets {
 public:
  /// `buckets` is rounded up to a power of two.
  RateBuckets(RatePolicy policy, std::size_t buckets);

  /// Takes one request out of the bucket of `key`, a well-mixed number: two keys that share it share a bucket. Never
  /// trust a stranger to choose it freely.
  RateVerdict take(std::uint64_t key, core::Timestamp now);
  /// Puts one request back.
  void give_back(std::uint64_t key);
  /// Fills the bucket.
  void forgive(std::uint64_t key);

  [[nodiscard]] const RatePolicy& policy() const { return policy_; }
  [[nodiscard]] bool is_on() const { return policy_.requests > 0; }

 private:
  /// 64 bytes: one line of the processor's cache. Key 0 is free.
  struct alignas(64) Set {
    struct Bucket {
      std::uint64_t key = 0;
      std::int64_t full_at = 0;  ///< Microseconds: when all requests are there again.
    };
    std::array<Bucket, 4> buckets;
  };
  /// What the sets of one number have in common.
  struct alignas(64) Guard {
    std::mutex mutex;
    std::int64_t latest = 0;  ///< Microseconds: the latest time that came.
  };
  static constexpr std::size_t kGuards = 64;

  Set& set_of(std::uint64_t key) { return sets_[key & (sets_.size() - 1)]; }
  Guard& guard_of(std::uint64_t key) { return guards_[key & (kGuards - 1)]; }
  static std::int64_t time_at(Guard& guard, core::Timestamp now);

  const RatePolicy policy_;
  const std::int64_t interval_;  ///< Microseconds that one request is worth.
  std::vector<Set> sets_;        // each guarded by the guard of its number
  std::array<Guard, kGuards> guards_;
};

}  // namespace tally::http
