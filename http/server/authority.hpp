#pragma once

#include <cstddef>
#include <string_view>

namespace tally::http {

/// Whether a text is a host and maybe a port, as `Host` has them: a name or an IPv4 address, or an IPv6 address in
/// brackets. Narrower than uri-host: no percent sign, no user, and no sub-delims, for no host has one, and a comma is
/// how two are joined. Source: RFC 9110 §7.2, RFC 3986 §3.2.2.
inline bool is_authority(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  std::size_t end = text.starts_with('[') ? text.find_first_not_of("0123456789abcdefABCDEF:.", 1)
                                          : text.find_first_not_of(
                                                "0123456789abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~");
  if (text.starts_with('[')) {
    if (end == 1 || end == std::string_view::npos || text[end] != ']') return false;
    ++end;
  }
  if (end >= text.size()) return !text.empty();
  constexpr std::size_t kPortDigitsMax = 5;
  return end > 0 && text[end] == ':' && text.size() - end - 1 <= kPortDigitsMax &&
         text.find_first_not_of(kDigits, end + 1) == std::string_view::npos;
}

}  // namespace tally::http
