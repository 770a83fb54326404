#include "http/server/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "core/base/unicode.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  TALLY_CHECK(error == std::errc{});
  out.append(digits.data(), end);
}

/// Goes into a string as it is.
bool is_plain(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte < 0x80 && character != '"' && character != '\\';
}

/// Whether all eight do. The top bit of each lane tells: a lane that is not ASCII has it, and one that is below what is
/// taken from it gets it, or has lent to its neighbour and tells by that.
bool are_plain(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  const std::uint64_t controls = eight - 0x20 * kOnes;
  const std::uint64_t quotes = (eight ^ ('"' * kOnes)) - kOnes;
  const std::uint64_t backslashes = (eight ^ ('\\' * kOnes)) - kOnes;
  return ((eight | controls | quotes | backslashes) & 0x80 * kOnes) == 0;
}

/// How much at its beginning goes into a string as it is.
std::size_t plain_prefix(std::string_view text) {
  std::size_t plain = 0;
  for (std::uint64_t eight = 0; plain + sizeof eight <= text.size(); plain += sizeof eight) {
    std::memcpy(&eight, text.data() + plain, sizeof eight);
    if (!are_plain(eight)) break;
  }
  while (plain < text.size() && is_plain(text[plain])) ++plain;
  return plain;
}

void append_escaped(std::string& out, char character) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(character);
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 0x0FU];
}

}  // namespace

bool JsonWriter::in_object() const { return depth_ > 0 && ((objects_ >> (depth_ - 1)) & 1U) != 0; }

void JsonWriter::before_value() {
  if (in_object()) {
    TALLY_CHECK(has_key_, "a value without a key");
    has_key_ = false;
    return;
  }
  TALLY_CHECK(depth_ > 0 || !needs_comma_, "a second root");
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

void JsonWriter::open(char bracket) {
  TALLY_CHECK(depth_ < kDepthMax, "nested too deep");
  before_value();
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  objects_ = bracket == '{' ? objects_ | bit : objects_ & ~bit;
  ++depth_;
  needs_comma_ = false;
  out_ += bracket;
}

void JsonWriter::close(char bracket) {
  TALLY_CHECK(depth_ > 0 && !has_key_ && in_object() == (bracket == '}'), "closes what is not open");
  --depth_;
  needs_comma_ = true;
  out_ += bracket;
}

JsonWriter& JsonWriter::begin_object() {
  open('{');
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  close('}');
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  open('[');
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  close(']');
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  TALLY_CHECK(in_object() && !has_key_, "a key where none can stand");
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
  has_key_ = true;
  append_quoted(name);
  out_ += ':';
  return *this;
}

void JsonWriter::append_quoted(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    out_.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto character = core::unicode::first_character(text);
    const std::size_t bytes = character ? character->bytes : 0;
    if (bytes == 0) {
      out_ += kReplacement;
    } else if (bytes == 1) {
      append_escaped(out_, text.front());
    } else {
      out_.append(text.data(), bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  out_ += '"';
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_quoted(text);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  before_value();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  before_value();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) { return raw(truth ? "true" : "false"); }

JsonWriter& JsonWriter::value(core::Timestamp time) {
  before_value();
  out_ += '"';
  core::append_rfc3339(out_, time);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

}  // namespace tally::http
