#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/random.hpp"
#include "http/api/access.hpp"
#include "http/api/idempotency.hpp"
#include "http/auth/access_tokens.hpp"
#include "http/server/router.hpp"
#include "projections/commands.hpp"
#include "projections/queries.hpp"

namespace tally::http::api {

/// `POST /v1/workspaces/{workspace}/tokens`: a person generates a token for themself. The answer holds the refresh
/// token and the first access token, once. The access token is signed while the write is being synced, from what the
/// policy will most likely say; if the command decides otherwise it is signed again.
class TokenGenerationResource {
 public:
  TokenGenerationResource(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                          const projections::PeopleQueries& people, projections::CommandService& commands,
                          AccessTokens& access_tokens, core::RandomSource& random, const Idempotency& idempotency);
  void add_to(Router& router) const;

 private:
  struct NewToken {
    Caller caller;
    core::GenerateToken command;
    core::OpaqueSecret secret;
    AccessClaims likely_claims;
  };
  [[nodiscard]] Checked<NewToken> read_new_token(const Request& request) const;
  [[nodiscard]] core::Result<AccessClaims> likely_claims(const Request& request, const Caller& caller,
                                                         const core::GenerateToken& command) const;
  boost::asio::awaitable<void> generate(const Request& request, Response& response) const;
  /// With an Idempotency-Key: the answer is made on the writer thread, so that it is kept by the same write.
  boost::asio::awaitable<void> generate_once(const Request& request, Idempotency::Turn turn, NewToken asked,
                                             Response& response) const;
  /// An access token that was signed before its outcome was known.
  struct Signed {
    AccessClaims claims;
    std::string access_token;
  };
  [[nodiscard]] core::Result<void> write_generated(const core::GenerateToken::Outcome& outcome,
                                                   std::optional<core::Sequence> sequence, const Signed& signed_ahead,
                                                   const core::OpaqueSecret& secret, Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  AccessTokens& access_tokens_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
};

}  // namespace tally::http::api
