#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/state/workspace.hpp"
#include "core/token/token_commands.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/server/request.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/watch/request_limits.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// A refresh as it was asked for.
struct RefreshAsk {
  core::OpaqueSecret presented;
  /// Whoever names itself as client; a token of another workspace is refused. Empty: the token's own workspace.
  std::optional<core::WorkspaceState> client;
  std::optional<core::ScopeSet> scope;  ///< Narrower, for the access token only.
  core::AskedResource resource = {};
  /// Whether a DPoP field is for the refresh: proves the family's key, or binds it; and whether the connection's
  /// certificate binds. That proves a family's certificate in any case.
  enum class Proof : std::uint8_t { not_read, read };
  Proof proof = Proof::not_read;
  LiveGrant::Unasked unasked = LiveGrant::Unasked::caller;
};

/// A new pair, durable.
struct RefreshedPair {
  AccessClaims claims;
  std::string access_token;
  core::SecretText refresh_token;
  std::int64_t refresh_expires_at_seconds = 0;
  std::optional<core::Sequence> sequence;

  [[nodiscard]] std::int64_t expires_in() const { return claims.expires_at_seconds - claims.issued_at_seconds; }
  [[nodiscard]] std::int64_t refresh_expires_in() const {
    return refresh_expires_at_seconds - claims.issued_at_seconds;
  }
};

/// Spends a refresh token for a new pair. Source: RFC 6749 §6, RFC 9700 §4.14.2 (rotation).
///
/// The successor is drawn here and sealed under the presented secret, so that whoever lost the answer can ask again and
/// gets the same one. The access token is signed while the write is being synced, from a prediction of the outcome; if
/// the outcome differs it is signed again. Nothing is returned before the write is durable. Threads: any.
class TokenRefresher {
 public:
  /// Lifetime: all of them outlive every refresh.
  TokenRefresher(projections::CommandService& commands, const projections::TokenQueries& tokens,
                 const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens, DPoPVerifier& proofs,
                 core::RandomSource& random, RequestLimits& limits);

  /// Errors: secret_unknown, wrong_workspace, secret_reused, token_expired, token_disabled, token_deleted,
  /// binding_failed, invalid_proof, nonce_required, scope_exceeded, resource_refused, rate_limited (as admit_grant();
  /// and a lost answer that was told kRetriesPerSuccessorMax times); overloaded, stopping, no_space, outcome_unknown:
  /// the same refresh token may be presented again. Lifetime: `request` outlives the call.
  boost::asio::awaitable<core::Result<RefreshedPair>> refresh(const Request& request, RefreshAsk ask) const;

 private:
  struct Refresh;

  core::Result<std::optional<core::Confirmation>> proven_by(const Request& request, RefreshAsk::Proof proof,
                                                            const std::optional<core::Confirmation>& bound_to) const;
  core::Result<Refresh> prepare(const Request& request, RefreshAsk ask) const;
  static void note_too_often(const Request& request, const Refresh& refresh);
  /// Says in `refresh` whether what was presented lives.
  core::Result<void> find_life(const Request& request, const core::TokenState& token,
                               const core::WorkspaceState& client, Refresh& refresh) const;
  core::Result<void> admit(const Request& request, const Refresh& refresh) const;
  core::Result<RefreshedPair> finish(Refresh& refresh,
                                     const projections::Committed<core::RefreshToken::Outcome>& committed) const;

  projections::CommandService& commands_;
  const projections::TokenQueries& tokens_;
  const projections::WorkspaceQueries& workspaces_;
  AccessTokens& access_tokens_;
  DPoPVerifier& proofs_;
  core::RandomSource& random_;
  RequestLimits& limits_;
};

}  // namespace tally::http
