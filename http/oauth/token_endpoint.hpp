#pragma once

#include <boost/asio/awaitable.hpp>

#include "http/oauth/oauth_form.hpp"
#include "http/oauth/token_exchange.hpp"
#include "http/oauth/token_refresher.hpp"
#include "http/server/router.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// POST /oauth2/token with grant_type=refresh_token; the other grant is TokenExchange's. With `resource` the access
/// token is for that resource only; with a DPoP proof it is bound to the proof's key, as the whole family is from then
/// on. Source: RFC 6749 §6, RFC 8707, RFC 9449 §5. Threads: any.
class TokenEndpoint {
 public:
  /// Lifetime: all of them outlive the router's use.
  TokenEndpoint(const TokenRefresher& refresher, const TokenExchange& exchange,
                const projections::WorkspaceQueries& workspaces, const AccessTokens& access_tokens);

  void add_to(Router& router);

 private:
  core::Result<RefreshAsk> read(const Request& request, const core::Result<OAuthForm>& sent) const;
  boost::asio::awaitable<void> answer(const Request& request, Response& response) const;
  boost::asio::awaitable<void> refresh(const Request& request, core::Result<OAuthForm> form, Response& response) const;

  const TokenRefresher& refresher_;
  const TokenExchange& exchange_;
  const projections::WorkspaceQueries& workspaces_;
  const AccessTokens& access_tokens_;
};

}  // namespace tally::http
