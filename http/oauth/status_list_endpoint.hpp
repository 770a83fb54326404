#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/base/result.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// GET /oauth2/status/{list}: the signed list that access tokens point to (`status.status_list`), for resource servers
/// that verify tokens themselves. One bit per token: 1 if all its access tokens are dead before their time, since it
/// was disabled or deleted with `access: revoke`, revoked at its refresh token, or cut off. Shows within its `ttl`.
/// That one access token was revoked alone does not show here: introspection knows. Source:
/// draft-ietf-oauth-status-list §5, §8. Threads: any.
class StatusListEndpoint {
 public:
  /// Lifetime: all of them outlive the router's use.
  StatusListEndpoint(const projections::TokenQueries& tokens, const projections::AuditQueries& ledger,
                     const AccessTokens& access_tokens)
      : tokens_(tokens), ledger_(ledger), access_tokens_(access_tokens) {}

  void add_to(Router& router);

 private:
  struct Signed {
    std::string jwt;
    std::int64_t issued_at_seconds = 0;
  };

  void answer(const Request& request, Response& response);
  core::Result<Signed> list_of(const Request& request);
  core::Result<Signed> make(std::uint64_t list, std::int64_t now_seconds) const;

  const projections::TokenQueries& tokens_;
  const projections::AuditQueries& ledger_;
  const AccessTokens& access_tokens_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Signed> kept_;  // guarded by mutex_
};

}  // namespace tally::http
