#include "http/server/rate_buckets.hpp"

#include <algorithm>
#include <bit>

#include "core/base/check.hpp"

namespace tally::http {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
/// A time that is so much older than the latest one was no request's that came late: none may take so long.
constexpr std::int64_t kSetBackMin = 60 * kMicros;

std::uint32_t seconds_up(std::int64_t micros) { return static_cast<std::uint32_t>((micros + kMicros - 1) / kMicros); }

std::int64_t micros_of(std::chrono::seconds window) {
  return std::chrono::duration_cast<std::chrono::microseconds>(window).count();
}

}  // namespace

RateBuckets::RateBuckets(RatePolicy policy, std::size_t buckets)
    : policy_(policy),
      interval_(policy.requests == 0
                    ? 0
                    : std::max<std::int64_t>(micros_of(policy.window) / std::int64_t{policy.requests}, 1)),
      sets_(policy.requests == 0 ? 1 : std::bit_ceil(std::max<std::size_t>(buckets / 4, kGuards))) {
  TALLY_CHECK(policy.window.count() > 0);
}

// A request has the time of its head: whoever holds its body back, or waits for a thread, comes with a time of before.
// Were it taken at its word, a debt of now would look like one that a clock which was ahead has left.
std::int64_t RateBuckets::time_at(Guard& guard, core::Timestamp now) {
  const std::int64_t time = core::micros_of(now);
  const bool is_set_back = time < guard.latest - kSetBackMin;
  guard.latest = is_set_back ? time : std::max(time, guard.latest);
  return guard.latest;
}

RateVerdict RateBuckets::take(std::uint64_t key, core::Timestamp now) {
  if (!is_on()) return {};
  if (key == 0) key = 1;
  const std::int64_t capacity = interval_ * policy_.requests;
  Guard& guard = guard_of(key);
  const std::lock_guard lock{guard.mutex};
  const std::int64_t time = time_at(guard, now);
  auto& buckets = set_of(key).buckets;
  auto* found = std::find_if(buckets.begin(), buckets.end(), [key](const auto& bucket) { return bucket.key == key; });
  if (found == buckets.end()) {
    found = std::min_element(buckets.begin(), buckets.end(),
                             [](const auto& left, const auto& right) { return left.full_at < right.full_at; });
    *found = {key, 0};
  }
  // No debt is so large: a clock that was set back has left it, and nobody is to be locked out for that.
  if (found->full_at > time + capacity) found->full_at = 0;
  const std::int64_t full_at = std::max(found->full_at, time);
  RateVerdict verdict;
  verdict.is_admitted = full_at + interval_ <= time + capacity;
  found->full_at = verdict.is_admitted ? full_at + interval_ : full_at;
  verdict.remaining = static_cast<std::uint32_t>((time + capacity - found->full_at) / interval_);
  verdict.reset_seconds = seconds_up(found->full_at - time);
  if (!verdict.is_admitted)
    verdict.retry_after_seconds = std::max(seconds_up(full_at + interval_ - time - capacity), 1u);
  return verdict;
}

void RateBuckets::give_back(std::uint64_t key) {
  if (!is_on()) return;
  if (key == 0) key = 1;
  const std::lock_guard lock{guard_of(key).mutex};
  for (auto& bucket : set_of(key).buckets) {
    if (bucket.key == key) bucket.full_at -= interval_;
  }
}

void RateBuckets::forgive(std::uint64_t key) {
  if (!is_on()) return;
  if (key == 0) key = 1;
  const std::lock_guard lock{guard_of(key).mutex};
  for (auto& bucket : set_of(key).buckets) {
    if (bucket.key == key) bucket = {};
  }
}

}  // namespace tally::http
