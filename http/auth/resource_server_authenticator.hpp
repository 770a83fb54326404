#pragma once

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "http/server/request.hpp"
#include "http/watch/request_limits.hpp"
#include "projections/queries/token_queries.hpp"

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
  ResourceServerAuthenticator(const projections::TokenQueries& secrets, RequestLimits& limits)
      : secrets_(secrets), limits_(limits) {}

  /// Errors: unauthenticated, rate_limited; corrupt, io_failed.
  [[nodiscard]] core::Result<ResourceServer> authenticate(const Request& request) const;

 private:
  const projections::TokenQueries& secrets_;
  RequestLimits& limits_;
};

}  // namespace tally::http
