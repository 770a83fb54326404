#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/random.hpp"
#include "http/auth/access_tokens.hpp"
#include "http/auth/request_limits.hpp"
#include "http/server/router.hpp"
#include "projections/commands.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// POST /oauth2/token with grant_type=refresh_token: spends a refresh token for a new pair. Source: RFC 6749 §6, RFC
/// 9700 §4.14.2 (rotation).
///
/// The successor is drawn here and sealed under the presented secret, so that whoever lost the answer can ask again and
/// gets the same one. The access token is signed while the write is being synced, from a prediction of the outcome; if
/// the outcome differs it is signed again. Nothing leaves before the write is durable. Threads: any.
class TokenEndpoint {
 public:
  /// Lifetime: all of them outlive the router's use.
  TokenEndpoint(projections::CommandService& commands, const projections::TokenQueries& tokens,
                const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens,
                core::RandomSource& random, RequestLimits& limits);

  void add_to(Router& router);

 private:
  struct Refresh;

  boost::asio::awaitable<void> answer(const Request& request, Response& response) const;
  core::Result<Refresh> prepare(const Request& request) const;
  /// Errors: rate_limited. Only what is surely alive is limited: a dead refresh token is told so whatever the limits
  /// say.
  core::Result<void> admit(const Request& request, const Refresh& refresh) const;
  core::Result<void> write_answer(const Refresh& refresh,
                                  const projections::Committed<core::RefreshToken::Outcome>& committed,
                                  Response& response) const;

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  const projections::WorkspaceQueries& workspaces_;
  AccessTokens& access_tokens_;
  core::RandomSource& random_;
  RequestLimits& limits_;
};

}  // namespace tally::http
