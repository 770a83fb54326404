#include "http/server/request_identity.hpp"

#include <algorithm>

#include "http/server/limits.hpp"

namespace tally::http {
namespace {

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= limits::kRequestIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

std::string_view trace_id_of(std::string_view traceparent) {
  constexpr std::size_t kVersion00Bytes = 55;
  if (traceparent.size() < kVersion00Bytes) return {};
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view parent_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return {};
  if (!is_lower_hex(version) || !is_lower_hex(trace_id) || !is_lower_hex(parent_id) || !is_lower_hex(flags)) return {};
  if (version == "ff" || is_all_zero(trace_id) || is_all_zero(parent_id)) return {};
  // A later version may append fields; this one may not.
  if (traceparent.size() > kVersion00Bytes && (version == "00" || traceparent[kVersion00Bytes] != '-')) return {};
  return trace_id;
}

std::string_view RequestIds::draw(Text& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (used_ == bytes_.size()) {
    random_.fill(bytes_);
    used_ = 0;
  }
  for (std::size_t index = 0; index < out.size(); index += 2) {
    const std::uint8_t byte = bytes_[used_++];
    out[index] = kHex[byte >> 4];
    out[index + 1] = kHex[byte & 0x0FU];
  }
  return {out.data(), out.size()};
}

}  // namespace tally::http
