#include "http/auth/access_tokens.hpp"

#include <algorithm>
#include <optional>

#include "core/check.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "http/auth/access_token_cache.hpp"
#include "http/auth/access_token_text.hpp"
#include "http/server/json_writer.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;
using core::crypto::VerifyingKey;

constexpr AccessTokenCache::Bounds kCacheBounds{core::limits::kAccessTokensRememberedMax,
                                                core::limits::kAccessTokenScopeBytesRememberedMax};

/// Room for a token without scopes. From 1,024 bytes on, malloc tidies up all that was freed before.
constexpr std::size_t kUsualTokenBytes = 960;

struct KnownKey {
  std::string id;
  VerifyingKey key;
};

std::vector<KnownKey> known_keys(const SigningKey& key, const std::vector<VerifyingKey>& older_keys) {
  std::vector<KnownKey> keys{{key.public_key().thumbprint(), key.public_key()}};
  for (const VerifyingKey& older : older_keys) keys.push_back({older.thumbprint(), older});
  return keys;
}

std::string make_jwks(const std::vector<KnownKey>& keys) {
  std::string jwks;
  JsonWriter writer{jwks};
  writer.begin_object().key("keys").begin_array();
  for (const KnownKey& known : keys) {
    writer.begin_object().member("kty", "OKP").member("crv", "Ed25519");
    writer.member("x", std::string_view{core::crypto::base64url_encode(known.key.bytes())});
    writer.member("kid", std::string_view{known.id}).member("use", "sig").member("alg", "EdDSA").end_object();
  }
  writer.end_array().end_object();
  return jwks;
}

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

Result<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return core::fail(Errc::malformed, "an access token has three parts");
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

Result<void> check_not_expired(const AccessClaims& claims, core::Timestamp now) {
  if (core::seconds_of(now) < claims.expires_at_seconds) return {};
  return core::fail(Errc::token_expired, "the access token has expired");
}

}  // namespace

struct AccessTokens::State {
  State(std::string issuer, SigningKey signing_key, const std::vector<VerifyingKey>& older_keys)
      : text(std::move(issuer)),
        key(std::move(signing_key)),
        keys(known_keys(key, older_keys)),
        header(AccessTokenText::encode_header(keys.front().id) + '.'),
        jwks(make_jwks(keys)),
        cache(kCacheBounds) {}

  [[nodiscard]] Result<AccessClaims> read(std::string_view token) const;
  [[nodiscard]] const VerifyingKey* find_key(std::string_view key_id) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [key_id](const KnownKey& known) { return known.id == key_id; });
    return found == keys.end() ? nullptr : &found->key;
  }

  // All but the cache is constant after construction.
  AccessTokenText text;
  SigningKey key;
  std::vector<KnownKey> keys;
  std::string header;  ///< Encoded, with the dot after it.
  std::string jwks;
  AccessTokenCache cache;
};

Result<AccessClaims> AccessTokens::State::read(std::string_view token) const {
  TALLY_TRY_ASSIGN(const Parts parts, split(token));
  TALLY_TRY_ASSIGN(const std::string key_id, AccessTokenText::decode_header(parts.header));
  const VerifyingKey* known_key = find_key(key_id);
  if (known_key == nullptr) return core::fail(Errc::unauthenticated, "signed with an unknown key");
  TALLY_TRY_ASSIGN(const core::Bytes signature, core::crypto::base64url_decode(parts.signature));
  if (!known_key->verify(core::as_bytes(parts.signed_text), signature)) {
    return core::fail(Errc::unauthenticated, "the signature does not fit");
  }
  return text.decode_payload(parts.payload);
}

AccessTokens::AccessTokens(std::string issuer, SigningKey key, std::vector<VerifyingKey> older_keys)
    : state_(std::make_unique<State>(std::move(issuer), std::move(key), older_keys)) {}

AccessTokens::~AccessTokens() = default;

std::string AccessTokens::sign(const AccessClaims& claims) {
  TALLY_CHECK(claims.issued_at_seconds >= 0 && claims.expires_at_seconds >= claims.issued_at_seconds);
  std::string token;
  token.reserve(kUsualTokenBytes);
  token.append(state_->header);
  state_->text.append_payload(token, claims);
  const core::crypto::Signature signature = state_->key.sign(core::as_bytes(token));
  token.push_back('.');
  core::crypto::append_base64url(token, signature);
  TALLY_CHECK(token.size() <= core::limits::kAccessTokenBytesMax, std::to_string(token.size()));
  state_->cache.remember(AccessTokenCache::key_of(core::crypto::sha256(core::as_bytes(token))), claims);
  return token;
}

std::string AccessTokens::sign_jwt(std::string_view type, std::string_view payload) const {
  std::string jwt = AccessTokenText::encode_header(state_->keys.front().id, type) + '.';
  core::crypto::append_base64url(jwt, core::as_bytes(payload));
  const core::crypto::Signature signature = state_->key.sign(core::as_bytes(jwt));
  jwt.push_back('.');
  core::crypto::append_base64url(jwt, signature);
  return jwt;
}

Result<AccessClaims> AccessTokens::verify(std::string_view token, core::Timestamp now) {
  if (token.empty() || token.size() > core::limits::kAccessTokenBytesMax) {
    return core::fail(Errc::malformed,
                      "an access token has 1 to " + std::to_string(core::limits::kAccessTokenBytesMax) + " characters");
  }
  const auto key = AccessTokenCache::key_of(core::crypto::sha256(core::as_bytes(token)));
  if (std::optional<AccessClaims> remembered = state_->cache.find(key)) {
    TALLY_TRY(check_not_expired(*remembered, now));
    return *std::move(remembered);
  }
  TALLY_TRY_ASSIGN(AccessClaims claims, state_->read(token));
  TALLY_TRY(check_not_expired(claims, now));
  state_->cache.remember(key, claims);
  return claims;
}

std::string AccessTokens::audience_of(core::WorkspaceId workspace) const { return state_->text.audience_of(workspace); }
const std::string& AccessTokens::issuer() const { return state_->text.issuer(); }
const std::string& AccessTokens::jwks() const { return state_->jwks; }

}  // namespace tally::http
