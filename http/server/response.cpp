#include "http/server/response.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/server/wiped.hpp"

namespace tally::http {

namespace {

/// Of an answer with tokens: a body that grows step by step would leave its beginnings behind.
constexpr std::size_t kUsualBodyBytes = 2 << 10;
constexpr std::size_t kUsualHeadBytes = 512;

/// Of a field's value. Compared and not searched for: each answer has a few of them, and most are short.
bool breaks_the_head(char character) { return character == '\r' || character == '\n' || character == '\0'; }

}  // namespace

Response::~Response() { clear(); }

void Response::clear() {
  status_ = 200;
  wipe_text(headers_);
  wipe_text(body_);
  stream.reset();
}

void Response::set(std::string_view name, std::string_view value) {
  TALLY_CHECK(std::none_of(value.begin(), value.end(), breaks_the_head), std::string{name});
  headers_.append(name).append(": ").append(value).append("\r\n");
}

void Response::set_sequence(std::optional<core::Sequence> sequence) {
  if (!sequence) return;
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), sequence->value);
  TALLY_CHECK(error == std::errc{});
  set("Tally-Sequence", std::string_view{digits.data(), end});
}

void Response::set_no_store() { set("Cache-Control", "no-store"); }

void Response::start(unsigned status, std::string_view content_type) {
  TALLY_CHECK(status >= 200 && status <= 599, std::to_string(status));
  status_ = status;
  if (body_.capacity() < kUsualBodyBytes) body_.reserve(kUsualBodyBytes);
  if (headers_.capacity() < kUsualHeadBytes) headers_.reserve(kUsualHeadBytes);
  set("Content-Type", content_type);
}

void Response::empty(unsigned status) {
  TALLY_CHECK(status >= 200 && status <= 599, std::to_string(status));
  status_ = status;
  wipe_text(body_);
}

void Response::restore(unsigned status, std::string_view headers, std::string_view body) {
  TALLY_CHECK(status >= 200 && status <= 599, std::to_string(status));
  clear();
  status_ = status;
  headers_ = headers;
  body_ = body;
}

}  // namespace tally::http
