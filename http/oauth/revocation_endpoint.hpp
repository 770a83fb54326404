#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// POST /oauth2/revoke: a refresh token ends its family and all access tokens of it; a token of the system before
/// is disabled; an access token ends itself. Whoever holds the token may end it. Unknown, dead and foreign ones are
/// answered 200 as well: nothing is left to revoke, and a stranger learns nothing. Source: RFC 7009 §2. Threads: any.
class RevocationEndpoint {
 public:
  /// Lifetime: all of them outlive the router's use.
  RevocationEndpoint(projections::CommandService& commands, const projections::TokenQueries& tokens,
                     const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens,
                     core::RandomSource& random);

  void add_to(Router& router);

 private:
  boost::asio::awaitable<void> answer(const Request& request, Response& response) const;

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  const projections::WorkspaceQueries& workspaces_;
  AccessTokens& access_tokens_;
  core::RandomSource& random_;
};

}  // namespace tally::http
