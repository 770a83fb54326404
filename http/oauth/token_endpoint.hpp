#pragma once

#include <boost/asio/awaitable.hpp>

#include "http/oauth/token_refresher.hpp"
#include "http/server/router.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// POST /oauth2/token with grant_type=refresh_token. Source: RFC 6749 §6. Threads: any.
class TokenEndpoint {
 public:
  /// Lifetime: both outlive the router's use.
  TokenEndpoint(const TokenRefresher& refresher, const projections::WorkspaceQueries& workspaces);

  void add_to(Router& router);

 private:
  core::Result<RefreshAsk> read(const Request& request) const;
  boost::asio::awaitable<void> answer(const Request& request, Response& response) const;

  const TokenRefresher& refresher_;
  const projections::WorkspaceQueries& workspaces_;
};

}  // namespace tally::http
