#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/base/result.hpp"
#include "http/oauth/token_refresher.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"

namespace tally::http {

/// Refreshing at any endpoint: a request that an access token may open can carry `Tally-Refresh-Token` beside an
/// expired or missing one. The server refreshes first, serves the request with the new access token, and hands the pair
/// out in `Tally-Access-Token`, `Tally-Access-Token-Expires-In` and `Tally-Refresh-Token`, never to be stored. A
/// refresh token that is not good is answered 401 and the handler does not run. Beside an access token that is alive,
/// or dead for another reason than its age, the refresh token is left alone; at /forward-auth also unless the guard
/// says `refresh=yes`: a proxy that does not hand the new pair to its client would lose it. A token that is bound to a
/// key is refreshed at the token endpoint only. Source: docs/architecture.md. Threads: any.
class RefreshBeside {
 public:
  static constexpr std::string_view kField = "Tally-Refresh-Token";

  /// Lifetime: both outlive the router's use.
  RefreshBeside(const TokenRefresher& refresher, AccessTokens& access_tokens);
  RefreshBeside(const RefreshBeside&) = delete;
  RefreshBeside& operator=(const RefreshBeside&) = delete;

  /// To be put before the routes that take it. Lifetime: this object's.
  [[nodiscard]] const Prelude& prelude() const { return prelude_; }

 private:
  boost::asio::awaitable<PreludeOutcome> run(const Request& request, Response& response) const;
  [[nodiscard]] bool is_wanted(const Request& request) const;

  const TokenRefresher& refresher_;
  AccessTokens& access_tokens_;
  const Prelude prelude_;
};

}  // namespace tally::http
