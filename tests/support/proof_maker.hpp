#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/signing_key.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::testing {

/// A client that holds a key and makes DPoP proofs with it, good ones and others.
class ProofMaker {
 public:
  explicit ProofMaker(std::uint64_t seed = 77) : key_(make_key(seed)) {}

  struct Claims {
    std::string method = "POST";
    std::string url = "https://tally.example/oauth2/token";
    core::Timestamp at = {};
    std::optional<std::string> nonce = {};
    std::optional<std::string> access_token = {};
    std::string id = {};  ///< Empty: one that was not used before.
  };

  std::string proof(const Claims& claims) { return sign(header(), payload(claims)); }

  [[nodiscard]] std::string header() const { return R"({"typ":"dpop+jwt","alg":"EdDSA","jwk":)" + jwk() + "}"; }
  [[nodiscard]] std::string jwk() const {
    return R"({"kty":"OKP","crv":"Ed25519","x":")" + core::crypto::base64url_encode(key_.public_key().bytes()) +
           R"("})";
  }
  [[nodiscard]] std::string payload(const Claims& claims) {
    std::string text = R"({"jti":")" + (claims.id.empty() ? "proof-" + std::to_string(++made_) : claims.id);
    text += R"(","htm":")" + claims.method + R"(","htu":")" + claims.url;
    text += R"(","iat":)" + std::to_string(core::seconds_of(claims.at));
    if (claims.nonce) text += R"(,"nonce":")" + *claims.nonce + '"';
    if (claims.access_token) {
      const core::Digest digest = core::crypto::sha256(core::as_bytes(*claims.access_token));
      text += R"(,"ath":")" + core::crypto::base64url_encode(digest.bytes) + '"';
    }
    return text + '}';
  }
  [[nodiscard]] std::string sign(std::string_view header, std::string_view payload) const {
    using core::crypto::base64url_encode;
    std::string text = base64url_encode(core::as_bytes(header)) + "." + base64url_encode(core::as_bytes(payload));
    return text + "." + base64url_encode(key_.sign(core::as_bytes(text)));
  }
  /// As `jkt` names the key.
  [[nodiscard]] std::string thumbprint() const { return key_.public_key().thumbprint(); }

 private:
  static core::crypto::SigningKey make_key(std::uint64_t seed) {
    SeededRandom random{seed};
    return core::crypto::SigningKey::generate(random);
  }

  core::crypto::SigningKey key_;
  int made_ = 0;
};

}  // namespace tally::testing
