#include "tools/cli/times.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace tally::tools {
namespace {

using std::chrono::seconds;

std::string local_text(core::Timestamp time, const char* format) {
  const std::time_t since_epoch = core::seconds_of(time);
  std::tm parts{};
  if (::localtime_r(&since_epoch, &parts) == nullptr) return core::to_rfc3339(time);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

struct Unit {
  std::int64_t seconds;
  const char* name;
};
constexpr std::array kUnits{Unit{365 * 86'400, "year"}, Unit{30 * 86'400, "month"}, Unit{86'400, "day"},
                            Unit{3'600, "hour"},        Unit{60, "minute"},         Unit{1, "second"}};
/// Months and years are used from two on, so that 40 days do not read as "1 month".
constexpr std::int64_t kCoarseUnitsMin = 2;

/// Rounded to the nearest unit; a unit is reached at 98 % of it, so that a lifetime of 30 days does not read as 29 a
/// second after it has begun.
std::string amount_of(std::int64_t distance) {
  for (const Unit& unit : kUnits) {
    const std::int64_t least = unit.seconds * (unit.seconds > 86'400 ? kCoarseUnitsMin : 1);
    if (distance * 50 < least * 49) continue;
    const std::int64_t count = (distance + unit.seconds / 2) / unit.seconds;
    return std::to_string(count) + " " + unit.name + (count == 1 ? "" : "s");
  }
  return {};
}

std::optional<core::Timestamp> parse_local(std::string_view text) {
  for (const char* format :
       {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    parts.tm_isdst = -1;
    const std::string copy{text};
    const char* end = ::strptime(copy.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    // mktime reads "2026-02-31" as the third of March: not what was typed.
    const int day = parts.tm_mday;
    const std::time_t since_epoch = ::mktime(&parts);
    if (parts.tm_mday != day) return std::nullopt;
    return core::Timestamp{seconds{since_epoch}};
  }
  return std::nullopt;
}

std::optional<core::Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() - 1 || count < 0 || count > 1'000'000) {
    return std::nullopt;
  }
  for (const auto& [letter, unit] : {std::pair{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}}) {
    if (*end == letter) return seconds{count * unit};
  }
  return std::nullopt;
}

}  // namespace

std::string local_minute(core::Timestamp time) { return local_text(time, "%Y-%m-%d %H:%M"); }
std::string local_second(core::Timestamp time) { return local_text(time, "%Y-%m-%d %H:%M:%S"); }

std::string relative_to(core::Timestamp time, core::Timestamp now) {
  const std::int64_t distance = std::chrono::round<seconds>(time - now).count();
  if (distance > -5 && distance < 5) return "just now";
  const std::string amount = amount_of(std::abs(distance));
  return distance > 0 ? "in " + amount : amount + " ago";
}

std::string shown_time(std::string_view rfc3339, core::Timestamp now) {
  const auto time = core::parse_rfc3339(rfc3339);
  if (time.has_error()) return std::string{rfc3339};
  return local_minute(*time) + " (" + relative_to(*time, now) + ")";
}

std::optional<core::Timestamp> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string copy{text};
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return core::Timestamp{seconds{::timegm(&parts)}};
}

Attempt<core::Timestamp> parse_moment(std::string_view text, core::Timestamp now) {
  if (const auto time = core::parse_rfc3339(text); !time.has_error()) return *time;
  if (const auto local = parse_local(text)) return *local;
  if (!text.empty()) {
    if (const auto back = parse_duration(text)) return now - *back;
  }
  return Failure{Exit::usage, "\"" + std::string{text} +
                                  "\" is not a time: use 2026-11-23T22:10:00Z, \"2026-11-23 22:10\" (local), "
                                  "2026-11-23, or how long ago as 90m, 24h or 7d"};
}

}  // namespace tally::tools
