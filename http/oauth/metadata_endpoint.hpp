#pragma once

#include <cstdint>
#include <string>

#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"

namespace tally::http {

/// Whether the server asks for client certificates, and so binds tokens to them. Source: RFC 8705 §3.3.
enum class ClientCertificates : std::uint8_t { not_asked, asked };

/// GET /.well-known/oauth-authorization-server, and the same at /.well-known/openid-configuration: what this server can
/// do, and only that; and GET /oauth2/jwks: the keys that its access tokens are or will soon be signed with; and GET
/// /.well-known/oauth-protected-resource/v1: how the management API takes access tokens. Source: RFC 8414, RFC 7517,
/// RFC 9728. Threads: any.
class MetadataEndpoint {
 public:
  /// Lifetime: `access_tokens` outlives the router's use.
  MetadataEndpoint(const AccessTokens& access_tokens, ClientCertificates client_certificates);

  void add_to(Router& router);
  /// What the management API's refusals tell. Lifetime: as the endpoint's.
  [[nodiscard]] const ResourceHints& management_hints() const { return hints_; }

 private:
  const AccessTokens& access_tokens_;
  std::string metadata_;           // constant after construction
  std::string resource_metadata_;  // constant after construction
  std::string resource_path_;      // constant after construction
  ResourceHints hints_;            // constant after construction
};

}  // namespace tally::http
