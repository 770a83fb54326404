#pragma once

#include <string>
#include <string_view>

#include "http/server/web_origin.hpp"

/// The URIs of this server that access tokens can be for. Source: RFC 8707, RFC 9728.
namespace tally::http {

/// The management API, `<issuer>/v1`.
inline std::string management_resource_of(const std::string& issuer) { return issuer + "/v1"; }

/// Whether both name the same place: RFC 3986 §6.2 as far as scheme, host and port go.
inline bool is_same_resource(std::string_view left, std::string_view right) {
  return with_normal_origin(left) == with_normal_origin(right);
}

/// Whether a URI lies below the issuer, however its host and port are written: those are the workspaces' audiences and
/// this server's own, and nobody's to register.
inline bool is_below_issuer(std::string_view uri, std::string_view issuer) {
  const std::string normal_uri = with_normal_origin(uri);
  const std::string normal_issuer = with_normal_origin(issuer);
  return normal_uri == normal_issuer ||
         (normal_uri.starts_with(normal_issuer) && normal_uri[normal_issuer.size()] == '/');
}

}  // namespace tally::http
