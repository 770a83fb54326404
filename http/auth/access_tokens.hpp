#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/signing_key.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/scope.hpp"
#include "core/time.hpp"
#include "core/token/confirmation.hpp"
#include "projections/queries.hpp"

namespace tally::http {

/// What an access token says. Source: RFC 9068 §2.2.
struct AccessClaims {
  core::UserId subject;
  core::WorkspaceId workspace;  ///< Also the client_id.
  core::TokenId token;
  core::AccessTokenId id;  ///< jti
  std::int64_t issued_at_seconds = 0;
  std::int64_t expires_at_seconds = 0;
  core::ScopeSet scope;
  std::optional<core::Confirmation> confirmation = {};  ///< cnf: the key that whoever presents it must hold.
  std::string resource = {};                            ///< aud, if it is another than the workspace's. RFC 8707.
  core::AccessTokenId parent = {};                      ///< The access token that it was exchanged for; nil: none.
  std::uint64_t status_index = 0;                       ///< status: its token's place in the status lists.
  bool operator==(const AccessClaims&) const = default;

  /// What TokenQueries::access_standing asks for.
  [[nodiscard]] projections::PresentedAccess presented() const {
    return {workspace, token, id, parent, issued_at_seconds};
  }
};

/// Signs access tokens (JWT, typ at+jwt, EdDSA) and reads them back. Remembers what it signed in a bounded cache keyed
/// by SHA-256 of the token, because a verification costs 119 µs; a good token that is not there is verified and
/// remembered. Never says anything of revocation: that is TokenQueries::access_standing. Source: RFC 9068, RFC 8725
/// (algorithm and type are fixed before the signature is looked at). Threads: any; the cache is sharded.
class AccessTokens {
 public:
  /// Of its signatures, by the JOSE name.
  static constexpr std::string_view kAlgorithm = "EdDSA";

  /// `issuer` without a trailing slash, at most kIssuerBytesMax long (checked).
  AccessTokens(std::string issuer, core::crypto::SigningKey key, std::vector<core::crypto::VerifyingKey> older_keys);
  ~AccessTokens();

  [[nodiscard]] std::string sign(const AccessClaims& claims);

  /// Good signature by a key of ours, right issuer and type, `aud` of its workspace, and not expired at `now`.
  /// Errors: malformed, unauthenticated, token_expired.
  [[nodiscard]] core::Result<AccessClaims> verify(std::string_view token, core::Timestamp now);

  /// A JWT of another kind than an access token, signed with the key that signs those. `type` (typ) keeps the two
  /// apart: verify() takes none of them. `payload` is JSON.
  [[nodiscard]] std::string sign_jwt(std::string_view type, std::string_view payload) const;

  /// The `aud` of an access token: its resource, or the workspace's audience.
  [[nodiscard]] std::string audience_of(const AccessClaims& claims) const {
    return claims.resource.empty() ? audience_of(claims.workspace) : claims.resource;
  }
  /// `<issuer>/w/<workspace id>`.
  [[nodiscard]] std::string audience_of(core::WorkspaceId workspace) const;
  [[nodiscard]] const std::string& issuer() const;
  /// The JWK Set of every key. Source: RFC 7517, RFC 8037.
  [[nodiscard]] const std::string& jwks() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tally::http
