#include "tests/hostile/hostile_values.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

namespace tally::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongBytes = 8 << 10;
constexpr std::size_t kLevels = 100'000;

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  out.reserve(count * text.size());
  for (std::size_t index = 0; index < count; ++index) out += text;
  return out;
}

const std::vector<std::string>& anywhere() {
  static const std::vector<std::string> kTexts{
      "", " ", "AA", "null", "true", "me", "all", "*", ",", "a,,b", "'\"\\<>&;", "..", "../../etc/passwd", "%", "%zz",
      // Numbers and their neighbours.
      "0", "1", "-1", "+1", "-0", "01", "1.0", "0.5", "1e3", "1e400", "NaN", "0x10", " 1", "1 ", "2147483647",
      "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "18446744073709551615", "18446744073709551616", "99999999999999999999999999999",
      // Times.
      "0000-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59", "1969-12-31T23:59:59.999999Z", "2026-02-30T00:00:00Z",
      "2026-06-30T23:59:60Z", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59",
      "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-01-01", "2026-01-01t00:00:00z", "253402300800",
      // Bytes that are no text.
      std::string(1, '\0'), std::string("a\0b", 3), "\xff\xfe", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80",
      "\r\nX-Injected: 1", "\n", "\t", "\x7f", "\xe2\x80\xae", "\xef\xbb\xbf", "\xf0\x9f\x98\x80", "e\xcc\x81",
      // Lengths.
      std::string(kLongBytes, 'a'), std::string(kLongBytes, '9'), std::string(kLongBytes, ' '),
      times(kLongBytes / 4, "\xf0\x9f\x98\x80"), std::string(255, 'a'), std::string(256, 'a'),
      std::string(65'536, 'b')};
  return kTexts;
}

void add_neighbours_of_id(const std::string& id, std::vector<std::string>& out) {
  const std::size_t prefix = id.find('_') + 1;
  out.push_back(id.substr(0, id.size() - 1));
  out.push_back(id + "0");
  out.push_back(id.substr(0, prefix) + std::string(id.size() - prefix, '0'));
  out.push_back(id.substr(0, prefix) + std::string(id.size() - prefix, 'z'));
  std::string upper = id;
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  out.push_back(upper);
}

void add_damaged_cursor(const std::string& cursor, std::vector<std::string>& out) {
  out.push_back(cursor.substr(0, cursor.size() / 2));
  out.push_back(cursor + "A");
  out.push_back(cursor + "==");
  for (const std::size_t at : {std::size_t{0}, std::size_t{2}, cursor.size() - 1}) {
    std::string damaged = cursor;
    damaged[at] = damaged[at] == 'A' ? '_' : 'A';
    out.push_back(std::move(damaged));
  }
}

void add_things(const Things& things, std::vector<std::string>& out) {
  for (const auto& [kind, all] : things) {
    for (const std::string& one : all) {
      out.push_back(one);
      if (kind == "cursor") {
        add_damaged_cursor(one, out);
      } else if (kind.ends_with('_')) {
        add_neighbours_of_id(one, out);
      }
    }
  }
}

/// Both ends of a range of numbers, and one beyond.
void add_ends_of_range(const json::object& schema, std::vector<std::string>& out) {
  for (const char* bound : {"minimum", "maximum"}) {
    const json::value* end = schema.if_contains(bound);
    if (end == nullptr) continue;
    out.push_back(json::serialize(*end));
    if (!end->is_int64()) continue;
    out.push_back(std::to_string(end->get_int64() - 1));
    out.push_back(std::to_string(end->get_int64() + 1));
  }
}

/// Both ends of every range, and one beyond; every word, and one that is none.
void add_ends(const json::object& schema, std::vector<std::string>& out) {
  add_ends_of_range(schema, out);
  for (const char* bound : {"minLength", "maxLength"}) {
    const json::value* end = schema.if_contains(bound);
    if (end == nullptr) continue;
    const auto length = end->to_number<std::size_t>();
    for (const std::size_t size : {std::max<std::size_t>(length, 1) - 1, length, length + 1}) {
      out.emplace_back(size, 'x');
    }
    out.push_back(times(length, "\xf0\x9f\x98\x80"));
  }
  if (const json::value* words = schema.if_contains("enum")) {
    for (const json::value& word : words->as_array()) {
      if (!word.is_string()) continue;
      out.emplace_back(word.as_string());
      out.push_back(std::string{word.as_string()} + ",");
    }
  }
}

/// Quoted with as little care as JSON allows: bytes that are no UTF-8 stay what they are.
std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    if (static_cast<unsigned char>(letter) < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(letter) >> 4];
      out += kHex[static_cast<unsigned char>(letter) & 15U];
    } else {
      out += letter;
    }
  }
  return out += '"';
}

}  // namespace

std::vector<std::string> hostile_texts(const json::object& schema, const Things& things) {
  std::vector<std::string> out = anywhere();
  add_ends(schema, out);
  add_things(things, out);
  return out;
}

std::vector<std::string> hostile_json(const json::object& schema, const Things& things) {
  std::vector<std::string> out{"null",
                               "true",
                               "false",
                               "0",
                               "-0",
                               "-1",
                               "1",
                               "1.0",
                               "1.5",
                               "1e3",
                               "1e400",
                               "-1e400",
                               "1e-400",
                               "9223372036854775807",
                               "9223372036854775808",
                               "-9223372036854775809",
                               "18446744073709551616",
                               std::string(400, '9'),
                               "[]",
                               "{}",
                               "[[]]",
                               "[null]",
                               R"({"a":1})",
                               R"({"a":1,"a":2})",
                               "nul",
                               "",
                               "\"\\ud800\"",
                               "\"\\u0000\"",
                               "\"\x01\"",
                               "[1,]",
                               "{,}",
                               "'a'",
                               "\"open",
                               "[" + times(1'001, "\"a\",") + "\"a\"]",
                               times(kLevels, "["),
                               times(kLevels, "[") + times(kLevels, "]"),
                               times(kLevels / 10, R"({"a":)") + "1" + times(kLevels / 10, "}")};
  add_ends_of_range(schema, out);
  for (const std::string& text : hostile_texts(schema, things)) {
    out.push_back(quoted(text));
    out.push_back("[" + quoted(text) + "]");
  }
  return out;
}

std::vector<std::string> hostile_bodies() {
  return {"",
          " ",
          "null",
          "0",
          "\"\"",
          "[]",
          "{}",
          "{",
          "}",
          "{}{}",
          "{}x",
          "\xef\xbb\xbf{}",
          std::string(1, '\0'),
          "\xff",
          "a=b",
          "&&&",
          "=",
          "%",
          "a=%00&a=%ff",
          std::string(64, '&') + "a=b",
          times(65, "a=b&"),
          std::string(kLongBytes, 'x'),
          times(kLevels, "["),
          times(kLevels, R"({"a":)"),
          "{" + times(20'000, R"("a":1,)") + R"("a":1})",
          R"({")" + std::string((1 << 20) - 16, 'k') + R"(":1})",
          "[" + times(250'000, "1,") + "1]",
          std::string(1 << 20, ' '),
          std::string((1 << 20) + 1, ' '),
          R"({"unknown":1})",
          "\n\n\n",
          "{}\n{}\n",
          times(10'000, "\n")};
}

std::vector<std::pair<std::string, std::string>> hostile_fields(const Things& things) {
  std::vector<std::string> values{"",
                                  "\"",
                                  "\"a\"",
                                  "*",
                                  "W/\"x\"",
                                  "a, b",
                                  "\xff\xfe",
                                  std::string(kLongBytes, 'a'),
                                  "Bearer",
                                  "Bearer ",
                                  "Bearer a b",
                                  "Basic",
                                  "Basic ====",
                                  "Basic YTpi",
                                  "DPoP x",
                                  "a.b.c",
                                  "eyJhbGciOiJub25lIn0.e30.",
                                  "tally_session=",
                                  "tally_session=x;",
                                  "bytes=0-",
                                  "gzip;q=2",
                                  "18446744073709551616",
                                  "-1",
                                  "00-0-0-0"};
  for (const auto& [kind, all] : things) {
    if (!all.empty()) values.push_back(all.front());
    if (kind == "secret") {
      for (const std::string& one : all) values.push_back("Bearer " + one);
    }
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (const char* field : {"Authorization", "Cookie", "Origin", "Accept", "Content-Type", "DPoP", "If-Match",
                            "If-None-Match", "Idempotency-Key", "Tally-Refresh-Token", "X-Request-Id", "traceparent",
                            "Last-Event-ID", "Range", "Forwarded", "X-Forwarded-For"}) {
    for (const std::string& value : values) out.emplace_back(field, value);
  }
  return out;
}

}  // namespace tally::testing
