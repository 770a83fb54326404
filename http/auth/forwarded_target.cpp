#include "http/auth/forwarded_target.hpp"

#include <algorithm>
#include <string_view>

namespace tally::http {
namespace {

using core::Result;

core::Error bad_field(std::string_view field, std::string_view why) {
  return core::fail(core::Errc::invalid_proof,
                    "the proxy must say what it asks about: " + std::string{field} + std::string{why});
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_letter(char character) { return (character | 0x20) >= 'a' && (character | 0x20) <= 'z'; }

bool is_of_name(char character) {
  return is_digit(character) || is_letter(character) ||
         std::string_view{"-._~!$&'()*+,;="}.find(character) != std::string_view::npos;
}
bool is_of_address(char character) {
  return is_digit(character) || ((character | 0x20) >= 'a' && (character | 0x20) <= 'f') || character == ':' ||
         character == '.';
}

/// A registered name or an IPv4 address, or an IPv6 address in brackets. No host of an HTTP request has a percent sign
/// in it, and no user.
bool is_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return std::ranges::all_of(text.substr(1, text.size() - 2), is_of_address);
  }
  return !text.empty() && std::ranges::all_of(text, is_of_name);
}

bool is_authority(std::string_view text) {
  const std::size_t colon = text.find(':', text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0);
  if (colon == std::string_view::npos) return is_host(text);
  const std::string_view port = text.substr(colon + 1);
  return is_host(text.substr(0, colon)) && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

/// A path and maybe a query, as a request line has them.
bool is_origin_form(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char character) {
           return character > ' ' && character <= '~' && character != '#';
         });
}

/// The one field of that name. Errors: invalid_proof.
Result<std::string_view> one(const Request& request, std::string_view name) {
  if (request.header_count(name) == 1) return *request.header(name);
  return bad_field(name, request.header(name) ? " is there more than once" : " is missing");
}

}  // namespace

Result<ForwardedTarget> ForwardedTarget::read(const Request& request) {
  TALLY_TRY_ASSIGN(const std::string_view method, one(request, "X-Forwarded-Method"));
  TALLY_TRY_ASSIGN(const std::string_view scheme, one(request, "X-Forwarded-Proto"));
  TALLY_TRY_ASSIGN(const std::string_view host, one(request, "X-Forwarded-Host"));
  TALLY_TRY_ASSIGN(const std::string_view uri, one(request, "X-Forwarded-Uri"));
  if (scheme != "http" && scheme != "https") return bad_field("X-Forwarded-Proto", " is neither http nor https");
  if (!is_authority(host)) return bad_field("X-Forwarded-Host", " is no host and port");
  if (!is_origin_form(uri)) return bad_field("X-Forwarded-Uri", " is no path that begins with a slash");
  return ForwardedTarget{std::string{method}, std::string{scheme}.append("://").append(host).append(uri)};
}

}  // namespace tally::http
