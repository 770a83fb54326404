#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace tally::core::crypto {

/// An Ed25519 signature. Source: RFC 8032.
using Signature = std::array<std::uint8_t, 64>;

/// The public half of a signing key. Threads: any.
class VerifyingKey {
 public:
  /// Errors: malformed (not 32 bytes).
  static Result<VerifyingKey> from_bytes(ByteView public_key);
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;  ///< About 120 µs.
  [[nodiscard]] const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }
  /// The RFC 7638 thumbprint (RFC 8037 members crv, kty, x), base64url: the `kid`.
  [[nodiscard]] std::string thumbprint() const;

 private:
  std::array<std::uint8_t, 32> bytes_{};
};

/// An Ed25519 private key, wiped when it goes. Threads: sign() from any thread at the same time.
class SigningKey {
 public:
  static SigningKey generate(RandomSource& random);
  /// PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it. Errors: malformed.
  static Result<SigningKey> from_pem(std::string_view pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  [[nodiscard]] SecretText to_pem() const;
  [[nodiscard]] Signature sign(ByteView message) const;  ///< About 35 µs.
  [[nodiscard]] const VerifyingKey& public_key() const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::core::crypto
