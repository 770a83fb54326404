#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// `2026-11-23 22:10` in the time zone of the process (TZ).
std::string local_minute(core::Timestamp time);
/// `2026-11-23 22:10:45`.
std::string local_second(core::Timestamp time);

/// `3 minutes ago`, `in 29 days`, `just now`.
std::string relative_to(core::Timestamp time, core::Timestamp now);

/// Both: `2026-11-23 22:10 (3 minutes ago)`. Takes what the API wrote; empty stays empty, what is no time stays as it
/// is.
std::string shown_time(std::string_view rfc3339, core::Timestamp now);

/// The time of an HTTP field, as Last-Modified; empty if it is none. Source: RFC 9110 §5.6.7, IMF-fixdate.
std::optional<core::Timestamp> parse_http_date(std::string_view text);

/// What a person types for a time: RFC 3339, `2026-11-23` or `2026-11-23 22:10` (local), or a duration back from now as
/// `90m`, `24h`, `7d`. Errors: usage.
Attempt<core::Timestamp> parse_moment(std::string_view text, core::Timestamp now);

}  // namespace tally::tools
