#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::core {

using Duration = std::chrono::microseconds;

/// Microseconds since the Unix epoch, UTC, without leap seconds.
using Timestamp = std::chrono::sys_time<Duration>;

inline constexpr std::int64_t micros_of(Timestamp time) { return time.time_since_epoch().count(); }
inline constexpr Timestamp timestamp_of_micros(std::int64_t micros) { return Timestamp{Duration{micros}}; }

/// Whole seconds since the epoch, rounded down: what JWT's NumericDate wants.
inline constexpr std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// What RFC 3339 can write: the years 0000 to 9999. No time of a caller's and none that is stored lies outside, so that
/// adding any of the bounds of limits.hpp to one can not overflow.
inline constexpr Timestamp kEarliestTime = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
inline constexpr Timestamp kLatestTime = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1} - Duration{1};
inline constexpr bool is_writable(Timestamp time) { return time >= kEarliestTime && time <= kLatestTime; }

/// So far two right clocks may differ. What lies further ahead of a reading was dated by a clock that was wrong, or the
/// reading is: of the two nobody knows which, and neither is trusted. Source: docs/adr/0034.
inline constexpr std::chrono::seconds kClockTolerance{60};
inline constexpr bool lies_ahead(Timestamp time, Timestamp now) { return time > now && time - now > kClockTolerance; }
inline constexpr bool lies_ahead(std::chrono::seconds time, Timestamp now) {
  return time > std::chrono::seconds{seconds_of(now)} + kClockTolerance;
}

/// Whether what ends at `end`, and began `life` before, is there at `now`: not past its end, and not begun by a clock
/// that was ahead by more than that. As long as the ledger was not told that its time is wrong, no command is taken
/// by it; a clock that is behind for an hour shall not end it.
inline constexpr bool is_within_life(Timestamp end, Duration life, Timestamp now) {
  return now < end && end - life <= now + life + kClockTolerance;
}

/// RFC 3339 in UTC with six fractional digits and a Z: `2026-11-23T21:45:03.000000Z`. Of a time outside the years 0000
/// to 9999 (the sum of one inside and something else): the nearest one inside.
std::string to_rfc3339(Timestamp time);
/// The same, appended to `out`; allocates only if `out` must grow.
void append_rfc3339(std::string& out, Timestamp time);

/// RFC 3339 §5.6 with `Z` or a numeric offset and 0 to 9 fractional digits (cut to microseconds).
/// Errors: malformed.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace tally::core
