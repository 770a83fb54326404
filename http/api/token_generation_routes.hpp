#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/base/secret.hpp"
#include "core/token/token_commands.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// `POST /v1/workspaces/{workspace}/tokens`: a person generates a token for themself. The answer holds the refresh
/// token and the first access token, once. A request with a DPoP proof binds the token to its key from the start.
class TokenGenerationRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  TokenGenerationRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                        const projections::PeopleQueries& people, AccessTokens& access_tokens,
                        core::RandomSource& random, const Idempotency& idempotency);
  void add_to(Router& router) const;

 private:
  /// What the answer says beside the outcome.
  struct Drawn {
    core::OpaqueSecret refresh_token;
    std::optional<core::OpaqueSecret> opaque_access;  ///< Drawn if the policy asks for one.
    core::AccessTokenId access_token;
    core::PersonState owner = {};  ///< Whoever asks.
  };
  struct NewToken {
    Caller caller;
    core::GenerateToken command;
    Drawn drawn;
  };
  [[nodiscard]] Checked<NewToken> read_new_token(const Request& request) const;
  boost::asio::awaitable<void> generate(const Request& request, Response& response) const;
  [[nodiscard]] core::Result<void> write_generated(const core::GenerateToken::Outcome& outcome,
                                                   std::optional<core::Sequence> sequence, const Drawn& drawn,
                                                   Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  const projections::PeopleQueries& people_;
  AccessTokens& access_tokens_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
};

}  // namespace tally::http
