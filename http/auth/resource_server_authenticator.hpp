#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "http/server/request.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// An API that accepts access tokens, and may ask about those of its workspace.
struct ResourceServer {
  core::ResourceServerId id;
  core::WorkspaceId workspace;
};

/// Finds out which resource server is calling: HTTP Basic with its id and secret. One row is read per call, so that one
/// that was removed is refused from then on. Threads: any.
class ResourceServerAuthenticator {
 public:
  explicit ResourceServerAuthenticator(const projections::TokenQueries& secrets) : secrets_(secrets) {}

  /// Errors: unauthenticated; corrupt, io_failed.
  [[nodiscard]] core::Result<ResourceServer> authenticate(const Request& request) const;

 private:
  const projections::TokenQueries& secrets_;
};

}  // namespace tally::http
