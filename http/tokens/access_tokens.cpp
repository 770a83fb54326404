#include "http/tokens/access_tokens.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "http/server/limits.hpp"
#include "http/tokens/access_token_cache.hpp"
#include "http/tokens/access_token_text.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;
using core::crypto::VerifyingKey;

constexpr AccessTokenCache::Bounds kCacheBounds{limits::kAccessTokensRememberedMax,
                                                limits::kAccessTokenScopeBytesRememberedMax};

/// Every opaque access token begins so, and no JWT does.
constexpr std::string_view kOpaquePrefix = "tla_";

/// Room for a token without scopes. From 1,024 bytes on, malloc tidies up all that was freed before.
constexpr std::size_t kUsualTokenBytes = 960;

std::vector<AccessTokenKey> keys_of(SigningKey key, std::vector<VerifyingKey> older_keys) {
  std::vector<AccessTokenKey> keys;
  for (VerifyingKey& older : older_keys) keys.push_back({std::move(older), nullptr, {}});
  VerifyingKey public_key = key.public_key();
  keys.push_back({std::move(public_key), std::make_shared<const SigningKey>(std::move(key)), {}});
  return keys;
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

AccessClaims AccessClaims::issued(const core::TokenState& of, core::AccessTokenId id, core::ScopeSet scope,
                                  std::int64_t issued_at_seconds, core::Timestamp expires_at) {
  AccessClaims claims;
  claims.subject = of.owner;
  claims.workspace = of.workspace;
  claims.token = of.id;
  claims.id = id;
  claims.issued_at_seconds = issued_at_seconds;
  claims.expires_at_seconds = core::seconds_of(expires_at);
  claims.scope = std::move(scope);
  claims.confirmation = of.confirmation;
  claims.status_index = of.created_sequence;
  return claims;
}

struct AccessTokens::State {
  State(std::string issuer, const projections::TokenQueries* opaque_tokens)
      : text(std::move(issuer)), opaque(opaque_tokens), cache(kCacheBounds) {}

  [[nodiscard]] const KeySet& keys() const { return *current.load(std::memory_order_acquire); }
  void add(std::vector<AccessTokenKey> keys);
  [[nodiscard]] Result<AccessClaims> read(std::string_view token) const;
  [[nodiscard]] Result<AccessClaims> find(std::string_view token) const;

  AccessTokenText text;                         // constant after construction
  const projections::TokenQueries* opaque;      // constant after construction
  std::atomic<const KeySet*> current{nullptr};  // one of `sets`
  std::mutex mutex;
  std::vector<std::unique_ptr<const KeySet>> sets;  // guarded by mutex
  AccessTokenCache cache;
};

void AccessTokens::State::add(std::vector<AccessTokenKey> keys) {
  auto made = std::make_unique<const KeySet>(std::move(keys));
  const std::lock_guard lock{mutex};
  current.store(made.get(), std::memory_order_release);
  sets.push_back(std::move(made));
}

Result<AccessClaims> AccessTokens::State::read(std::string_view token) const {
  TALLY_TRY_ASSIGN(const Parts parts, split(token));
  TALLY_TRY_ASSIGN(const AccessTokenText::Header header, AccessTokenText::decode_header(parts.header));
  const KeySet::Key* known = keys().find(header.key_id);
  if (known == nullptr) return core::fail(Errc::unauthenticated, "signed with an unknown key");
  const VerifyingKey& key = known->key.public_key;
  // The key says how it signs; what the token says must be the same, and decides nothing.
  if (header.algorithm != core::crypto::name_of(key.algorithm())) {
    return core::fail(Errc::unauthenticated, "another algorithm than its key's");
  }
  TALLY_TRY_ASSIGN(const core::Bytes signature, core::crypto::base64url_decode(parts.signature));
  if (!key.verify(core::as_bytes(parts.signed_text), signature)) {
    return core::fail(Errc::unauthenticated, "the signature does not fit");
  }
  return text.decode_payload(parts.payload);
}

Result<AccessClaims> AccessTokens::State::find(std::string_view token) const {
  TALLY_TRY_ASSIGN(const auto secret, core::OpaqueSecret::parse(core::SecretKind::access_token, token));
  const auto unknown = [] { return core::fail(Errc::unauthenticated, "an unknown access token"); };
  if (opaque == nullptr) return unknown();
  TALLY_TRY_ASSIGN(auto found, opaque->find_opaque_access(core::crypto::sha256(core::as_bytes(secret.reveal()))));
  if (!found) return unknown();
  return AccessClaims{found->owner,
                      found->workspace,
                      found->token,
                      found->id,
                      found->issued_at_seconds,
                      found->expires_at_seconds,
                      std::move(found->scope),
                      found->confirmation,
                      std::move(found->resource),
                      found->parent,
                      found->status_index};
}

AccessTokens::AccessTokens(std::string issuer, SigningKey key, std::vector<VerifyingKey> older_keys)
    : AccessTokens(std::move(issuer), keys_of(std::move(key), std::move(older_keys)), nullptr) {}

AccessTokens::AccessTokens(std::string issuer, std::vector<AccessTokenKey> keys,
                           const projections::TokenQueries* opaque)
    : state_(std::make_unique<State>(std::move(issuer), opaque)) {
  state_->add(std::move(keys));
}

AccessTokens::~AccessTokens() = default;

void AccessTokens::install(std::vector<AccessTokenKey> keys, Found found) {
  state_->add(std::move(keys));
  // After the change: what is verified from here on is verified with the new keys, and what was verified with the old
  // ones is not remembered any more.
  if (found == Found::forget) state_->cache.forget_all();
}

std::string AccessTokens::sign(const AccessClaims& claims) {
  TALLY_CHECK(claims.issued_at_seconds >= 0 && claims.expires_at_seconds >= claims.issued_at_seconds);
  const AccessTokenCache::Epoch epoch = state_->cache.epoch();
  const KeySet::Key& key = state_->keys().signing_at(claims.issued_at_seconds);
  std::string token;
  token.reserve(kUsualTokenBytes);
  token.append(key.header);
  state_->text.append_payload(token, claims);
  const core::crypto::Signature signature = key.key.private_key->sign(core::as_bytes(token));
  token.push_back('.');
  core::crypto::append_base64url(token, signature);
  TALLY_CHECK(token.size() <= limits::kAccessTokenBytesMax, std::to_string(token.size()));
  state_->cache.remember(state_->cache.key_of(token), claims, epoch);
  return token;
}

std::string AccessTokens::sign_jwt(std::string_view type, std::string_view payload,
                                   std::int64_t issued_at_seconds) const {
  const KeySet::Key& key = state_->keys().signing_at(issued_at_seconds);
  std::string jwt = AccessTokenText::encode_header(key.key.public_key.algorithm(), key.id, type) + '.';
  core::crypto::append_base64url(jwt, core::as_bytes(payload));
  const core::crypto::Signature signature = key.key.private_key->sign(core::as_bytes(jwt));
  jwt.push_back('.');
  core::crypto::append_base64url(jwt, signature);
  return jwt;
}

Result<AccessClaims> AccessTokens::verify(std::string_view token, core::Timestamp now) {
  if (token.empty() || token.size() > limits::kAccessTokenBytesMax) {
    return core::fail(Errc::malformed,
                      "an access token has 1 to " + std::to_string(limits::kAccessTokenBytesMax) + " characters");
  }
  if (token.starts_with(kOpaquePrefix)) {
    TALLY_TRY_ASSIGN(AccessClaims claims, state_->find(token));
    TALLY_TRY(check_not_expired(claims, now));
    return claims;
  }
  const AccessTokenCache::Key key = state_->cache.key_of(token);
  if (std::optional<AccessClaims> remembered = state_->cache.find(key)) {
    TALLY_TRY(check_not_expired(*remembered, now));
    return *std::move(remembered);
  }
  const AccessTokenCache::Epoch epoch = state_->cache.epoch();
  TALLY_TRY_ASSIGN(AccessClaims claims, state_->read(token));
  TALLY_TRY(check_not_expired(claims, now));
  state_->cache.remember(key, claims, epoch);
  return claims;
}

std::string AccessTokens::audience_of(core::WorkspaceId workspace) const { return state_->text.audience_of(workspace); }
const std::string& AccessTokens::issuer() const { return state_->text.issuer(); }
const KeySet& AccessTokens::keys() const { return state_->keys(); }

bool is_about_storage(const core::Error& error) { return error.code == Errc::corrupt || error.code == Errc::io_failed; }

}  // namespace tally::http
