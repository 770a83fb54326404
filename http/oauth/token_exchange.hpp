#pragma once

#include <optional>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/base/secret.hpp"
#include "core/token/token_commands.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/oauth/oauth_form.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/watch/request_limits.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// The token-exchange grant: a live access token of this server for a narrower one, of the same person and token, that
/// ends no later and dies with it. There is no refresh token, and no delegation (`actor_token`). Whoever holds the
/// access token may do it, with its key if it is bound to one. A subject token that is not good is `invalid_request`,
/// as the standard says. One that lives is asked for the limits: of its address and client, and of its token's
/// exchanges. Source: RFC 8693 §2; docs/adr/0027. Threads: any.
class TokenExchange {
 public:
  static constexpr std::string_view kGrantType = "urn:ietf:params:oauth:grant-type:token-exchange";

  /// Lifetime: all of them outlive the router's use.
  TokenExchange(projections::CommandService& commands, const projections::TokenQueries& tokens,
                const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens, DPoPVerifier& proofs,
                core::RandomSource& random, RequestLimits& limits)
      : commands_(commands),
        tokens_(tokens),
        workspaces_(workspaces),
        access_tokens_(access_tokens),
        proofs_(proofs),
        random_(random),
        limits_(limits) {}

  boost::asio::awaitable<void> answer(const Request& request, OAuthForm form, Response& response) const;

 private:
  struct Exchange {
    core::ExchangeAccessToken command;
    std::optional<core::OpaqueSecret> opaque_access;  ///< Drawn if the policy asks for one.
  };
  core::Result<Exchange> prepare(const Request& request, const OAuthForm& form) const;
  core::Result<std::optional<core::AskedResource>> asked_resource(const OAuthForm& form,
                                                                  core::WorkspaceId workspace) const;
  void write_answer(const projections::Committed<core::ExchangeAccessToken::Outcome>& committed, core::AccessTokenId id,
                    core::AccessTokenId parent, const std::optional<core::OpaqueSecret>& opaque_access,
                    Response& response) const;

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  const projections::WorkspaceQueries& workspaces_;
  AccessTokens& access_tokens_;
  DPoPVerifier& proofs_;
  core::RandomSource& random_;
  RequestLimits& limits_;
};

}  // namespace tally::http
