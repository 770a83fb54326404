#include "core/base/time.hpp"

#include <algorithm>
#include <array>

namespace tally::core {
namespace {

constexpr std::size_t kRfc3339Characters = 27;

void put_digits(char* out, std::size_t width, std::int64_t value) {
  for (std::size_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// Takes parts off the front of a text; a part that is not there makes the whole reader fail.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  int digits(std::size_t width) {
    if (rest_.size() < width) return stop();
    int value = 0;
    for (const char character : rest_.substr(0, width)) {
      if (!is_digit(character)) return stop();
      value = value * 10 + (character - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }
  char one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return static_cast<char>(stop());
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  bool skip(char character) {
    if (rest_.empty() || rest_.front() != character) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// 1 to 9 digits after the point, cut to microseconds.
  Duration fraction() {
    std::int64_t micros = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 6) micros = micros * 10 + (rest_[count] - '0');
    }
    if (count < 1 || count > 9) return Duration{stop()};
    for (std::size_t i = count; i < 6; ++i) micros *= 10;
    rest_.remove_prefix(count);
    return Duration{micros};
  }
  [[nodiscard]] bool is_good_and_at_end() const { return !failed_ && rest_.empty(); }

 private:
  int stop() {
    failed_ = true;
    return 0;
  }
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

void append_rfc3339(std::string& out, Timestamp any_time) {
  const Timestamp time = std::clamp(any_time, kEarliestTime, kLatestTime);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Duration> clock{time - day};
  std::array<char, kRfc3339Characters> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0', '0', ':',
                                            '0', '0', ':', '0', '0', '.', '0', '0', '0', '0', '0', '0', 'Z'};
  put_digits(text.data(), 4, static_cast<int>(date.year()));
  put_digits(text.data() + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text.data() + 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text.data() + 11, 2, clock.hours().count());
  put_digits(text.data() + 14, 2, clock.minutes().count());
  put_digits(text.data() + 17, 2, clock.seconds().count());
  put_digits(text.data() + 20, 6, clock.subseconds().count());
  out.append(text.data(), text.size());
}

std::string to_rfc3339(Timestamp time) {
  std::string out;
  out.reserve(kRfc3339Characters);
  append_rfc3339(out, time);
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  const auto malformed = [] { return fail(Errc::malformed, "not a time of RFC 3339, such as 2026-01-31T12:00:00Z"); };
  Reader reader{text};
  const int year = reader.digits(4);
  reader.one_of("-");
  const int month = reader.digits(2);
  reader.one_of("-");
  const int day = reader.digits(2);
  reader.one_of("Tt");
  const int hour = reader.digits(2);
  reader.one_of(":");
  const int minute = reader.digits(2);
  reader.one_of(":");
  const int second = reader.digits(2);
  const Duration fraction = reader.skip('.') ? reader.fraction() : Duration{0};
  const char zone = reader.one_of("Zz+-");
  int offset_hour = 0;
  int offset_minute = 0;
  if (zone == '+' || zone == '-') {
    offset_hour = reader.digits(2);
    reader.one_of(":");
    offset_minute = reader.digits(2);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // Second 60 is refused: our time has no leap seconds, and none of ours is ever written so.
  if (!reader.is_good_and_at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59 || offset_hour > 23 ||
      offset_minute > 59) {
    return malformed();
  }
  const std::chrono::minutes offset = std::chrono::hours{offset_hour} + std::chrono::minutes{offset_minute};
  const Timestamp local = std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                          std::chrono::seconds{second} + fraction;
  const Timestamp time = zone == '-' ? local + offset : local - offset;
  if (!is_writable(time)) return malformed();
  return time;
}

}  // namespace tally::core
