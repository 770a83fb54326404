#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/signing_algorithm.hpp"

namespace tally::core::crypto {

/// A signature as JOSE writes it, on the stack: 64 bytes of Ed25519 or ECDSA, up to 512 of RSA.
class Signature {
 public:
  static constexpr std::size_t kBytesMax = 512;

  /// `bytes` has at most kBytesMax (checked).
  explicit Signature(ByteView bytes);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] const std::uint8_t* begin() const { return bytes_.data(); }
  [[nodiscard]] const std::uint8_t* end() const { return bytes_.data() + size_; }
  std::uint8_t& operator[](std::size_t index) { return bytes_[index]; }
  bool operator==(const Signature& other) const {
    return size_ == other.size_ && std::memcmp(data(), other.data(), size_) == 0;
  }

 private:
  friend class SigningKey;
  Signature() = default;
  std::size_t size_ = 0;
  std::array<std::uint8_t, kBytesMax> bytes_;  // the rest is left as it was: clearing it would be work for nobody
};

/// The public half of a signing key, with its one algorithm. Threads: any.
class VerifyingKey {
 public:
  /// An Ed25519 key. Errors: malformed (not 32 bytes).
  static Result<VerifyingKey> from_bytes(ByteView public_key);
  /// EdDSA: 32 bytes (RFC 8032). ES256: the uncompressed point, 65 bytes (SEC 1 §2.3.3). RS256: an RSAPublicKey in DER
  /// (RFC 8017 A.1.1). Errors: malformed (also: not on the curve, a modulus of another size than 2048 to 4096 bits).
  static Result<VerifyingKey> from_bytes(SigningAlgorithm algorithm, ByteView public_key);

  /// A signature has one text: an Ed25519 one whose second half is not below the group's order is refused, and an RSA
  /// one that is not as long as its key. Only an ES256 one has two, (r, s) and (r, n - s): the standards allow both,
  /// and signers write either. So whoever must know a signed thing again goes by what it says, not by its text. What
  /// it costs: docs/performance.md. Source: RFC 8032 §5.1.7, RFC 8017 §8.2.2, RFC 7518 §3.4.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;
  [[nodiscard]] SigningAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

  using Member = std::pair<const char*, std::string>;
  /// What a JWK of this key must say, in the order of the names, values ready for JSON: `crv`, `kty`, `x` and so on.
  /// Source: RFC 7638 §3.2, RFC 7518 §6, RFC 8037 §2.
  [[nodiscard]] const std::vector<Member>& jwk_members() const { return members_; }
  /// The RFC 7638 thumbprint, base64url: the `kid`.
  [[nodiscard]] std::string thumbprint() const;

 private:
  friend class SigningKey;
  struct Parsed;
  VerifyingKey() = default;
  SigningAlgorithm algorithm_ = SigningAlgorithm::eddsa;
  Bytes bytes_;
  std::vector<Member> members_;
  std::shared_ptr<const Parsed> parsed_;  ///< Null for Ed25519, which needs no more than the bytes.
};

/// A private key with its one algorithm, wiped when it goes. Threads: sign() from any thread at the same time.
class SigningKey {
 public:
  /// RSA keys have 2048 bits and take some hundred milliseconds to make.
  static SigningKey generate(RandomSource& random, SigningAlgorithm algorithm = SigningAlgorithm::eddsa);
  /// PKCS#8 in PEM, as `openssl genpkey` writes it. Errors: malformed (also: another curve or size).
  static Result<SigningKey> from_pem(std::string_view pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  [[nodiscard]] SecretText to_pem() const;
  /// What it costs: docs/performance.md. EdDSA allocates nothing.
  [[nodiscard]] Signature sign(ByteView message) const;
  [[nodiscard]] SigningAlgorithm algorithm() const;
  [[nodiscard]] const VerifyingKey& public_key() const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::core::crypto
