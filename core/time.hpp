#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.hpp"

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

/// RFC 3339 in UTC with six fractional digits and a Z: `2026-11-23T21:45:03.000000Z`. Years 0000 to 9999.
std::string to_rfc3339(Timestamp time);
/// The same, appended to `out`; allocates only if `out` must grow.
void append_rfc3339(std::string& out, Timestamp time);

/// RFC 3339 §5.6 with `Z` or a numeric offset and 0 to 9 fractional digits (cut to microseconds).
/// Errors: malformed.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace tally::core
