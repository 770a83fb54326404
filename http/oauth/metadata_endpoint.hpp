#pragma once

#include <string>

#include "http/auth/access_tokens.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// GET /.well-known/oauth-authorization-server: what this server can do, and only that; and GET /oauth2/jwks: the keys
/// that its access tokens are or will soon be signed with. Source: RFC 8414, RFC 7517. Threads: any.
class MetadataEndpoint {
 public:
  /// Lifetime: `access_tokens` outlives the router's use.
  explicit MetadataEndpoint(const AccessTokens& access_tokens);

  void add_to(Router& router);

 private:
  const AccessTokens& access_tokens_;
  std::string metadata_;  // constant after construction
  std::string path_;      // constant after construction: where an issuer with a path has its metadata
};

}  // namespace tally::http
