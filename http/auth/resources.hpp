#pragma once

#include <string>
#include <string_view>

/// The URIs of this server that access tokens can be for. Source: RFC 8707, RFC 9728.
namespace tally::http {

/// The management API, `<issuer>/v1`.
inline std::string management_resource_of(const std::string& issuer) { return issuer + "/v1"; }

/// Whether a URI lies below the issuer: those are the workspaces' audiences and this server's own, and nobody's to
/// register.
inline bool is_below_issuer(std::string_view uri, const std::string& issuer) {
  return uri == issuer || (uri.starts_with(issuer) && uri[issuer.size()] == '/');
}

}  // namespace tally::http
