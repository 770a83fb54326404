#include "http/frame/kept_answer.hpp"

#include <string>
#include <utility>

#include "core/base/check.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kPrefixBytes = 6;

void append_number(std::string& out, std::size_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::size_t number_in(std::string_view bytes) {
  std::size_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

/// Lines of visible text, each of them ended: nothing else may come into a head.
bool are_header_lines(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    if (end == std::string_view::npos) return false;
    const std::string_view line = lines.substr(0, end);
    if (line.find(": ") == std::string_view::npos) return false;
    if (line.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos) return false;
    lines.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

core::SecretText pack_answer(Response& response) {
  TALLY_CHECK(response.stream == nullptr);
  std::string packed;
  packed.reserve(kPrefixBytes + response.headers().size() + response.body().size());
  append_number(packed, response.status(), 2);
  append_number(packed, response.headers().size(), 4);
  packed += response.headers();
  packed += response.body();
  return core::SecretText{std::move(packed)};
}

core::Result<void> unpack_answer(std::string_view packed, Response& response) {
  const auto damaged = [] { return core::fail(core::Errc::corrupt, "a kept answer is damaged"); };
  if (packed.size() < kPrefixBytes) return damaged();
  const std::size_t status = number_in(packed.substr(0, 2));
  const std::size_t header_bytes = number_in(packed.substr(2, 4));
  packed.remove_prefix(kPrefixBytes);
  if (status < 200 || status > 599 || header_bytes > packed.size()) return damaged();
  const std::string_view lines = packed.substr(0, header_bytes);
  if (!are_header_lines(lines)) return damaged();
  response.restore(static_cast<unsigned>(status), lines, packed.substr(header_bytes));
  return {};
}

}  // namespace tally::http
