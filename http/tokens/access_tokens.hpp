#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/signing_key.hpp"
#include "core/state/confirmation.hpp"
#include "core/state/scope.hpp"
#include "core/state/token.hpp"
#include "http/tokens/key_set.hpp"
#include "projections/queries/token_queries.hpp"

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
  std::uint64_t status_index = 0;                       ///< status: its token's index in the status lists.
  bool operator==(const AccessClaims&) const = default;

  /// What every access token of `of` says: bound as its family is, for the workspace itself, nobody's child.
  [[nodiscard]] static AccessClaims issued(const core::TokenState& of, core::AccessTokenId id, core::ScopeSet scope,
                                           std::int64_t issued_at_seconds, core::Timestamp expires_at);

  /// What TokenQueries::access_verdict asks for.
  [[nodiscard]] core::PresentedAccess presented() const {
    return {workspace, token, subject, id, parent, issued_at_seconds, expires_at_seconds};
  }
};

/// Signs access tokens (JWT, typ at+jwt) and reads them back, opaque ones too. Remembers what it signed in a bounded
/// cache by a tag of the token's text (AccessTokenCache), because to verify costs more than all else that a request
/// needs; a good token that is not there is verified and remembered. Never says anything of revocation: that is
/// TokenQueries::access_verdict. Source: RFC 9068, RFC 8725 (key, algorithm and type are fixed before the signature is
/// looked at).
///
/// The keys change while it works (docs/adr/0021). A key set is never changed and never freed before the end, so that
/// whoever has loaded the pointer may go on with it; there are few in a process's life. Threads: any; the cache is
/// sharded.
class AccessTokens {
 public:
  /// `issuer` without a trailing slash, at most kIssuerBytesMax long (checked).
  AccessTokens(std::string issuer, core::crypto::SigningKey key, std::vector<core::crypto::VerifyingKey> older_keys);
  /// `opaque` finds opaque access tokens; null: there are none. Lifetime: it outlives this.
  AccessTokens(std::string issuer, std::vector<AccessTokenKey> keys, const projections::TokenQueries* opaque);
  ~AccessTokens();

  /// What becomes of tokens that were found good under the keys before.
  enum class Found : std::uint8_t {
    keep,    ///< No key went that still had living tokens.
    forget,  ///< Look at every token again.
  };
  /// From now on these keys sign, verify and are published; when it returns no token of another is good.
  void install(std::vector<AccessTokenKey> keys, Found found);

  [[nodiscard]] std::string sign(const AccessClaims& claims);

  /// Good signature by a key of ours, right issuer and type, `aud` of its workspace; or an opaque token that was
  /// issued; and not expired at `now`. Errors: malformed, unauthenticated, token_expired; of an opaque one also corrupt
  /// and io_failed, which say nothing of the token (is_about_storage).
  [[nodiscard]] core::Result<AccessClaims> verify(std::string_view token, core::Timestamp now);

  /// Whether verify() knows the text for one that this server signed or issued, expired or not. Such a text is never
  /// taken for a legacy token, whoever imported its hash.
  [[nodiscard]] static bool is_ours(const core::Result<AccessClaims>& verified) {
    return verified.has_value() ||
           (verified.error().code != core::Errc::malformed && verified.error().code != core::Errc::unauthenticated);
  }

  /// A JWT of another kind than an access token, signed with the key that signs those. `type` (typ) keeps the two
  /// apart: verify() takes none of them. `payload` is JSON; the key is that of the second.
  [[nodiscard]] std::string sign_jwt(std::string_view type, std::string_view payload,
                                     std::int64_t issued_at_seconds) const;

  /// The `aud` of an access token: its resource, or the workspace's audience.
  [[nodiscard]] std::string audience_of(const AccessClaims& claims) const {
    return claims.resource.empty() ? audience_of(claims.workspace) : claims.resource;
  }
  /// `<issuer>/w/<workspace id>`.
  [[nodiscard]] std::string audience_of(core::WorkspaceId workspace) const;
  [[nodiscard]] const std::string& issuer() const;
  /// Of this moment. Lifetime: the set, and with it its jwks(), as long as this.
  [[nodiscard]] const KeySet& keys() const;
  [[nodiscard]] const std::string& jwks() const { return keys().jwks(); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True for an error of verify() that is not the token's: whoever asked must be told of an error, not of a bad token.
bool is_about_storage(const core::Error& error);

}  // namespace tally::http
