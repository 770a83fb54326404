#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "http/api/access.hpp"
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
                          AccessTokens& access_tokens, core::RandomSource& random);
  void add_to(Router& router) const;

 private:
  struct NewToken {
    Caller caller;
    core::GenerateToken command;
    core::OpaqueSecret secret;
    AccessClaims likely_claims;
    std::optional<core::OpaqueSecret> opaque_access;  ///< Drawn if the policy asks for one.
  };
  [[nodiscard]] Checked<NewToken> read_new_token(const Request& request) const;
  boost::asio::awaitable<void> generate(const Request& request, Response& response) const;
  [[nodiscard]] core::Result<void> write_generated(const core::GenerateToken::Outcome& outcome,
                                                   std::string_view access_token, const core::OpaqueSecret& secret,
                                                   Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  AccessTokens& access_tokens_;
  core::RandomSource& random_;
};

}  // namespace tally::http::api
