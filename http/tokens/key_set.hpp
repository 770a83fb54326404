#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/crypto/signing_key.hpp"

namespace tally::http {

/// A key of this server, as its access tokens need it.
struct AccessTokenKey {
  core::crypto::VerifyingKey public_key;
  std::shared_ptr<const core::crypto::SigningKey> private_key;  ///< Null: it only verifies.
  core::Timestamp signs_from;
};

/// The keys of one moment: every one that is published. Constant. Threads: any.
class KeySet {
 public:
  struct Key {
    std::string id;      ///< kid
    std::string header;  ///< Of an access token, encoded, with the dot after it.
    AccessTokenKey key;
  };

  /// At least one has a private key (checked).
  explicit KeySet(std::vector<AccessTokenKey> keys);

  /// Null: no key of that id is published.
  [[nodiscard]] const Key* find(std::string_view key_id) const;
  /// The key of a token that is issued in that second: the last that signs from then on or before; so a new key begins
  /// to sign at its time without anybody's doing. If none does, the first that can sign at all.
  [[nodiscard]] const Key& signing_at(std::int64_t issued_at_seconds) const;
  /// The JWK Set. Source: RFC 7517, RFC 8037.
  [[nodiscard]] const std::string& jwks() const { return jwks_; }
  /// Of the keys that are published, without repetition: "EdDSA", ….
  [[nodiscard]] std::vector<std::string_view> algorithms() const;

 private:
  std::vector<Key> keys_;  ///< The one that signs last comes first.
  std::string jwks_;
};

}  // namespace tally::http
