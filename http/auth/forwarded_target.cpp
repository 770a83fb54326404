#include "http/auth/forwarded_target.hpp"

#include <algorithm>
#include <string_view>

#include "http/server/authority.hpp"

namespace tally::http {
namespace {

using core::Result;

core::Error bad_field(std::string_view field, std::string_view why) {
  return core::fail(core::Errc::invalid_proof,
                    "the proxy must say what it asks about: " + std::string{field} + std::string{why});
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
