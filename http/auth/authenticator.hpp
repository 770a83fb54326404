#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "http/auth/access_tokens.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/usage_recorder.hpp"
#include "http/server/request.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// What a caller asks to do in a workspace; maps to scopes of bearer tokens.
enum class Need : std::uint8_t {
  tokens_read,   ///< scope tally:tokens.read
  tokens_write,  ///< scope tally:tokens.write
  audit_read,    ///< scope tally:audit.read
  session_only,  ///< People, workspaces, policy, members, resource servers: no access token will do.
};

/// Finds out who is calling: the cookie `tally_session`, or `Authorization: Bearer`. A session's unsafe methods need a
/// same-origin `Origin`, or `Sec-Fetch-Site: same-origin` or `none`. An Authorization field of another scheme is not
/// for Tally (a proxy's) and does not count. Threads: any.
class Authenticator {
 public:
  Authenticator(AccessTokens& access_tokens, const projections::TokenQueries& tokens,
                const projections::PeopleQueries& people, std::string issuer, UsageRecorder& usage);

  /// Errors: unauthenticated (nobody, or dead credentials), forbidden (cross-site, or a scope that lacks).
  core::Result<Caller> authenticate(const Request& request, Need need) const;

  /// The live access token that the request presents, whatever it may do: for a proxy that asks on behalf of another
  /// API. Counts as a use of the token. Empty: none came. Errors: malformed, unauthenticated, token_expired,
  /// token_disabled (revoked, or its owner is gone).
  core::Result<std::optional<AccessClaims>> live_access(const Request& request) const;

  /// The caller's role in the workspace. Errors: not_found (no such workspace, not a member, or a bearer token of
  /// another workspace). The operator who is no member has no role there: empty optional, not an error.
  core::Result<std::optional<core::Role>> role_in(const Caller& caller, core::WorkspaceId workspace,
                                                  const projections::WorkspaceQueries& workspaces) const;

  /// Signing in needs no session yet, but a browser that says where the request comes from must name this server: else
  /// another site could sign its visitors in as somebody else. Errors: forbidden.
  [[nodiscard]] core::Result<void> check_origin_of_sign_in(const Request& request) const;

 private:
  struct LiveAccess {
    AccessClaims claims;
    core::PersonState owner;
  };
  core::Result<LiveAccess> read_access(const Request& request, std::string_view token) const;
  core::Result<Caller> authenticate_bearer(const Request& request, std::string_view token, Need need) const;
  core::Result<Caller> authenticate_session(const Request& request) const;

  AccessTokens& access_tokens_;
  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
  std::string origin_;  // constant after construction
  UsageRecorder& usage_;
};

/// Through what a session's request came: the command line (by its User-Agent), a page, or another client.
core::Via via_of_session(const Request& request);

}  // namespace tally::http
