#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/server/request.hpp"
#include "http/server/turn_pool.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/watch/request_limits.hpp"
#include "http/watch/usage_recorder.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// What a caller asks to do in a workspace; maps to scopes of bearer tokens.
enum class Need : std::uint8_t {
  tokens_read,   ///< scope tally:tokens.read
  tokens_write,  ///< scope tally:tokens.write
  audit_read,    ///< scope tally:audit.read
  session_only,  ///< People, workspaces, policy, members, resource servers: no access token will do.
};

/// Finds out who is calling: the cookie `tally_session`, or an access token (`Authorization: Bearer`, or `DPoP` for one
/// that is bound to a key, with a proof of it: RFC 9449 §7). A session's unsafe methods need a same-origin `Origin`, or
/// `Sec-Fetch-Site: same-origin` or `none`. An Authorization field of another scheme is not for Tally (a proxy's) and
/// does not count. Threads: any.
class Authenticator {
 public:
  /// Lifetime: all of them outlive it.
  Authenticator(AccessTokens& access_tokens, const projections::TokenQueries& tokens,
                const projections::PeopleQueries& people, std::string issuer, UsageRecorder& usage,
                DPoPVerifier& proofs, RequestLimits& limits);

  /// Errors: unauthenticated (nobody, or dead credentials), invalid_proof, nonce_required, overloaded (DPoP), forbidden
  /// (cross-site, or a scope that lacks), rate_limited.
  core::Result<Caller> authenticate(const Request& request, Need need) const;

  /// The key that the request proves beside who is calling: that of the access token, or of a DPoP field that came with
  /// another proof of identity. Call it once. Errors: invalid_proof, nonce_required, overloaded.
  core::Result<std::optional<core::Confirmation>> proven_key(const Request& request, const Caller& caller) const;

  /// The live access token that the request presents, whatever it may do: for a proxy that asks on behalf of another
  /// API. A proof must be for the request that the proxy asks about, as X-Forwarded-Method, -Proto, -Host and -Uri name
  /// it. Counts as a use of the token. Empty: none came. Errors: malformed, unauthenticated, token_expired,
  /// token_disabled (it is dead), invalid_proof, nonce_required, overloaded, rate_limited.
  core::Result<std::optional<AccessClaims>> live_access(const Request& request) const;

  /// Whose turn a request is that waits with others: the person whom it names, as far as that costs a look-up and
  /// proves nothing, and the workspace of its path. Counts nowhere, and never refuses.
  [[nodiscard]] Turn turn_of(const Request& request) const;

  /// The caller as they are by now, for answers that take long. Empty: what they proved themself with would not do any
  /// more.
  core::Result<std::optional<Caller>> as_they_are(const Caller& caller, core::Timestamp now) const;

  /// The caller's role in the workspace. Errors: not_found (no such workspace, not a member, or a bearer token of
  /// another workspace). An operator who is no member has no role there: empty optional, not an error. The server
  /// auditor is an auditor in each, whatever role they have as a member.
  core::Result<std::optional<core::Role>> role_in(const Caller& caller, core::WorkspaceId workspace,
                                                  const projections::WorkspaceQueries& workspaces) const;

  /// Whether the caller may change anything at all: a bearer only while its token is active. The writer has the final
  /// word; this is for answers that need no command. Errors: token_disabled, corrupt, io_failed.
  core::Result<void> check_may_change(const Caller& caller, core::Timestamp now) const;

  /// Signing in needs no session yet, but a browser that says where the request comes from must name this server: else
  /// another site could sign its visitors in as somebody else. Errors: forbidden.
  [[nodiscard]] core::Result<void> check_origin_of_sign_in(const Request& request) const;

 private:
  /// An access token as it came.
  struct Presented {
    enum class Scheme : std::uint8_t { bearer, dpop };
    Scheme scheme = Scheme::bearer;
    std::string_view token;
  };
  struct LiveAccess {
    AccessClaims claims;
    core::PersonState owner;
    std::optional<core::Confirmation> proven;
  };
  /// For which request a proof must be: this one, or the one that a proxy asks about.
  enum class Guarded : std::uint8_t { own, forwarded };

  static core::Result<std::optional<Presented>> presented_by(const Request& request);
  [[nodiscard]] std::optional<core::UserId> claimed_by(const Request& request) const;
  core::Result<LiveAccess> read_access(const Request& request, const Presented& presented, Guarded guarded) const;
  /// The key that the claims ask for, proved by the request; a certificate is proved by its connection, which behind a
  /// proxy that asks is the proxy's.
  core::Result<std::optional<core::Confirmation>> check_binding(const Request& request, const Presented& presented,
                                                                const AccessClaims& claims, Guarded guarded) const;
  core::Result<Caller> authenticate_token(const Request& request, const Presented& presented, Need need) const;
  core::Result<Caller> authenticate_session(const Request& request) const;

  AccessTokens& access_tokens_;
  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
  std::string origin_;    // constant after construction
  std::string resource_;  // constant after construction: what access tokens for this API name
  UsageRecorder& usage_;
  DPoPVerifier& proofs_;
  RequestLimits& limits_;
};

/// Through what a session's request came: the command line (by its User-Agent), a page, or another client.
core::Via via_of_session(const Request& request);

}  // namespace tally::http
