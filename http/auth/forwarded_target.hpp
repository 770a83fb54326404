#pragma once

#include <string>

#include "core/base/result.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// The request that a proxy asks about, as it says.
struct ForwardedTarget {
  std::string method;
  std::string url;

  [[nodiscard]] ProofTarget view() const { return {method, url}; }

  /// From X-Forwarded-Method, -Proto, -Host and -Uri, each there once. A client may have written the host, and surely
  /// wrote the URI: each must have the form of its part of a URL, or `api.example/orders?` before `/admin` would name
  /// another target than the one that is served. Errors: invalid_proof, with the field that is wrong. Source: RFC 3986
  /// §3.2.2, §3.2.3; RFC 9110 §7.1.
  static core::Result<ForwardedTarget> read(const Request& request);
};

}  // namespace tally::http
