#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::core::crypto {

/// The algorithms that a stranger may prove to hold a key with. No symmetric one, and not `none`. Source: RFC 7518
/// §3.1, RFC 8037 §3.1.
enum class ProofAlgorithm : std::uint8_t { es256, eddsa, rs256, ps256 };
/// By its JOSE name; EdDSA also by the name that says which curve (RFC 9864). Empty for any other.
std::optional<ProofAlgorithm> parse_proof_algorithm(std::string_view name);

/// A stranger's public key, as they say it is. It comes with the message that it signed; it says who is the same as
/// before, and nothing else. Threads: any.
class ProofKey {
 public:
  /// Coordinates of 32 bytes each. Errors: malformed (also: not on the curve). Source: RFC 7518 §6.2.
  static Result<ProofKey> ec_p256(ByteView x, ByteView y);
  /// Errors: malformed (not 32 bytes). Source: RFC 8037 §2.
  static Result<ProofKey> ed25519(ByteView x);
  /// A modulus of 2,048 to 4,096 bits without leading zeros; an odd exponent of 65,537 or more and at most 4 bytes.
  /// Errors: malformed. Source: RFC 7518 §6.3.
  static Result<ProofKey> rsa(ByteView modulus, ByteView exponent);
  ProofKey(ProofKey&&) noexcept;
  ProofKey& operator=(ProofKey&&) noexcept;
  ~ProofKey();

  /// False also if the algorithm is not for this kind of key. 30 to 300 µs.
  [[nodiscard]] bool verify(ProofAlgorithm algorithm, ByteView message, ByteView signature) const;
  /// SHA-256 over the key's required members. Source: RFC 7638 §3, RFC 8037 appendix A.3.
  [[nodiscard]] const Digest& thumbprint() const;

 private:
  struct State;
  explicit ProofKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::core::crypto
