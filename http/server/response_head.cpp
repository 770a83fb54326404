#include "http/server/response_head.hpp"

#include <array>
#include <charconv>

namespace tally::http {
namespace {

constexpr std::size_t kRoomForOwnFields = 512;

void append_digits(std::string& out, std::uint64_t number, int base) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  TALLY_CHECK(error == std::errc{});
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, std::int64_t number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

/// The handler's lines, a Location that is a path below `base_path`.
void append_fields(std::string_view lines, std::string_view base_path, std::string& out) {
  constexpr std::string_view kLocation = "Location: ";
  const std::size_t line = base_path.empty() ? std::string_view::npos : lines.find("Location: /");
  const bool is_there = line != std::string_view::npos && (line == 0 || lines[line - 1] == '\n');
  if (!is_there) {
    out += lines;
    return;
  }
  const std::size_t value = line + kLocation.size();
  out += lines.substr(0, value);
  out += base_path;
  out += lines.substr(value);
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  struct Phrase {
    unsigned status;
    std::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status";
}

void append_http_date(std::string& out, core::Timestamp time) {
  static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  out += kDays.substr(std::chrono::weekday{day}.c_encoding() * 3UL, 3);
  out += ", ";
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3UL, 3);
  out += ' ';
  append_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 10);
  out += ' ';
  append_two_digits(out, clock.hours().count());
  out += ':';
  append_two_digits(out, clock.minutes().count());
  out += ':';
  append_two_digits(out, clock.seconds().count());
  out += " GMT";
}

std::string_view DateLine::at(core::Timestamp time) {
  const std::int64_t second = core::seconds_of(time);
  if (second == second_) return line_;
  line_ = "Date: ";
  append_http_date(line_, time);
  line_ += "\r\n";
  second_ = second;
  return line_;
}

void append_head(const Response& response, const HeadFacts& facts, std::string& out) {
  // At once: what grows step by step leaves copies of its beginning behind, a cookie's too.
  out.reserve(out.size() + response.headers().size() + kRoomForOwnFields);
  out += "HTTP/1.1 ";
  append_digits(out, response.status(), 10);
  out += ' ';
  out += reason_phrase(response.status());
  out += "\r\n";
  out += facts.date_line;
  out += "X-Content-Type-Options: nosniff\r\nX-Request-Id: ";
  out += facts.request_id;
  out += "\r\n";
  out += facts.transport_line;
  append_fields(response.headers(), facts.base_path, out);
  if (facts.rate_notes != nullptr) facts.rate_notes->append_lines(out);
  switch (facts.framing) {
    case Framing::length:
      out += "Content-Length: ";
      append_digits(out, facts.body_bytes, 10);
      out += "\r\n";
      break;
    case Framing::chunked:
      out += "Transfer-Encoding: chunked\r\n";
      break;
    case Framing::none:
    case Framing::until_close:
      break;
  }
  switch (facts.persistence) {
    case Persistence::close:
      out += "Connection: close\r\n";
      break;
    case Persistence::keep_alive:
      out += "Connection: keep-alive\r\n";
      break;
    case Persistence::by_version:
      break;
  }
  out += "\r\n";
}

void append_chunk_size(std::uint64_t bytes, std::string& out) {
  append_digits(out, bytes, 16);
  out += "\r\n";
}

}  // namespace tally::http
