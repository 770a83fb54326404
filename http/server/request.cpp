#include "http/server/request.hpp"

#include <algorithm>

#include "core/base/unicode.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/// Appends `text` decoded. False: a percent sign without two hexadecimal digits.
bool append_decoded(std::string& out, std::string_view text) {
  // Tokens and secrets have nothing to decode.
  if (text.find('%') == std::string_view::npos && text.find('+') == std::string_view::npos) {
    out += text;
    return true;
  }
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '+') {
      out += ' ';
    } else if (text[index] != '%') {
      out += text[index];
    } else {
      if (text.size() - index < 3) return false;
      const int high = hex_digit(text[index + 1]);
      const int low = hex_digit(text[index + 2]);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high * 16 + low);
      index += 2;
    }
  }
  return true;
}

/// Cuts and returns what stands before the next `separator`, or all of `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

}  // namespace

const char* name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  core::check_failed("a known Method", __FILE__, __LINE__, std::to_string(static_cast<int>(method)));
}

core::Result<Parameters> Parameters::parse(std::string_view text) {
  Parameters parsed;
  std::string decoded;
  decoded.reserve(text.size());  // decoding never makes it longer
  const auto outcome = parsed.decode(text, decoded);
  parsed.storage_ = core::SecretText{std::move(decoded)};
  TALLY_TRY(outcome);
  return parsed;
}

core::Result<void> Parameters::decode(std::string_view text, std::string& decoded) {
  entries_.reserve(8);
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    if (value.empty()) continue;
    if (entries_.size() == limits::kParametersMax) {
      return core::fail(core::Errc::malformed, "more than " + std::to_string(limits::kParametersMax) + " parameters");
    }
    const std::string_view name = take_until(value, '=');
    Entry entry{decoded.size(), 0, 0, 0};
    const bool name_good = append_decoded(decoded, name);
    entry.value_begin = decoded.size();
    entry.name_size = entry.value_begin - entry.name_begin;
    if (!name_good || !append_decoded(decoded, value)) {
      return core::fail(core::Errc::malformed, "a percent sign is not followed by two hexadecimal digits");
    }
    entry.value_size = decoded.size() - entry.value_begin;
    const std::string_view all{decoded};
    if (!core::unicode::is_utf8(all.substr(entry.name_begin, entry.name_size)) ||
        !core::unicode::is_utf8(all.substr(entry.value_begin, entry.value_size))) {
      return core::fail(core::Errc::malformed, "a parameter is not UTF-8");
    }
    entries_.push_back(entry);
  }
  return {};
}

core::Result<std::optional<std::string_view>> Parameters::one(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const Entry& entry : entries_) {
    if (name_of(entry) != name) continue;
    if (found) return core::Error{core::Errc::malformed, "given more than once", std::string{name}};
    found = value_of(entry);
  }
  return found;
}

std::optional<std::string_view> Parameters::unknown_name(std::initializer_list<std::string_view> known) const {
  for (const Entry& entry : entries_) {
    if (std::find(known.begin(), known.end(), name_of(entry)) == known.end()) return name_of(entry);
  }
  return std::nullopt;
}

boost::asio::awaitable<bool> Request::read_in_turn(std::function<void()> work) const {
  if (presence != nullptr) {
    boost::asio::awaitable<bool> reading = presence->read_in_turn(std::move(work));
    co_return co_await std::move(reading);
  }
  work();
  co_return true;
}

}  // namespace tally::http
