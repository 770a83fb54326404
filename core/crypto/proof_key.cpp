#include "core/crypto/proof_key.hpp"

#include <algorithm>
#include <exception>
#include <string>

#include <botan/bigint.h>
#include <botan/ecdsa.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>

#include "core/base/check.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/key_forms.hpp"
#include "core/crypto/signing_key.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kModulusBitsMin = 2'048;
constexpr std::size_t kModulusBitsMax = 4'096;
constexpr std::size_t kExponentBytesMax = 4;
constexpr std::uint32_t kExponentMin = 65'537;

enum class Kind : std::uint8_t { ec_p256, ed25519, rsa };

Error not_a_public_key(const char* why) { return fail(Errc::malformed, why); }

/// The padding, as Botan names it; null if the algorithm is not for the kind of key.
const char* padding_of(Kind kind, ProofAlgorithm algorithm) {
  switch (algorithm) {
    case ProofAlgorithm::es256:
      return kind == Kind::ec_p256 ? "EMSA1(SHA-256)" : nullptr;
    case ProofAlgorithm::rs256:
      return kind == Kind::rsa ? "EMSA3(SHA-256)" : nullptr;
    case ProofAlgorithm::ps256:
      return kind == Kind::rsa ? "EMSA4(SHA-256,MGF1,32)" : nullptr;
    case ProofAlgorithm::eddsa:
      return nullptr;
  }
  check_failed("a known ProofAlgorithm", __FILE__, __LINE__, std::to_string(static_cast<int>(algorithm)));
}

Digest digest_of_members(const std::string& members) { return sha256(as_bytes(members)); }

}  // namespace

std::optional<ProofAlgorithm> parse_proof_algorithm(std::string_view name) {
  if (name == "ES256") return ProofAlgorithm::es256;
  if (name == "EdDSA" || name == "Ed25519") return ProofAlgorithm::eddsa;
  if (name == "RS256") return ProofAlgorithm::rs256;
  if (name == "PS256") return ProofAlgorithm::ps256;
  return std::nullopt;
}

struct ProofKey::State {
  Kind kind = Kind::ed25519;
  Digest thumbprint;
  std::optional<VerifyingKey> ed25519;       ///< Empty for the others.
  std::unique_ptr<Botan::Public_Key> other;  ///< Null for Ed25519.
};

ProofKey::ProofKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProofKey::ProofKey(ProofKey&&) noexcept = default;
ProofKey& ProofKey::operator=(ProofKey&&) noexcept = default;
ProofKey::~ProofKey() = default;

Result<ProofKey> ProofKey::ec_p256(ByteView x, ByteView y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes)
    return not_a_public_key("a coordinate has 32 bytes");
  Bytes point{0x04};  // SEC 1 §2.3.3: not compressed.
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  auto state = std::make_unique<State>();
  state->kind = Kind::ec_p256;
  try {
    const Botan::EC_Group group{"secp256r1"};
    state->other = std::make_unique<Botan::ECDSA_PublicKey>(group, group.OS2ECP(point));
  } catch (const std::exception&) {
    return not_a_public_key("not a point of the curve P-256");
  }
  state->thumbprint = digest_of_members(R"({"crv":"P-256","kty":"EC","x":")" + base64url_encode(x) + R"(","y":")" +
                                        base64url_encode(y) + R"("})");
  return ProofKey{std::move(state)};
}

Result<ProofKey> ProofKey::ed25519(ByteView x) {
  auto state = std::make_unique<State>();
  TALLY_TRY_ASSIGN(state->ed25519, VerifyingKey::from_bytes(x));
  state->thumbprint = digest_of_members(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(x) + R"("})");
  return ProofKey{std::move(state)};
}

Result<ProofKey> ProofKey::rsa(ByteView modulus, ByteView exponent) {
  const bool has_zeros = modulus.empty() || exponent.empty() || modulus.front() == 0 || exponent.front() == 0;
  // RFC 7518 §2 (Base64urlUInt): as few bytes as there can be. Any other would be another thumbprint of the same key.
  if (has_zeros) return not_a_public_key("a number of an RSA key begins with zero");
  if (modulus.size() * 8 > kModulusBitsMax || exponent.size() > kExponentBytesMax) {
    return not_a_public_key("an RSA key is too large");
  }
  std::uint32_t small_exponent = 0;
  for (const std::uint8_t byte : exponent) small_exponent = small_exponent << 8 | byte;
  if (small_exponent < kExponentMin || small_exponent % 2 == 0) return not_a_public_key("not a good RSA exponent");
  const Botan::BigInt number{modulus.data(), modulus.size()};
  if (number.bits() < kModulusBitsMin || number.is_even()) return not_a_public_key("not a good RSA modulus");
  auto state = std::make_unique<State>();
  state->kind = Kind::rsa;
  try {
    state->other = std::make_unique<Botan::RSA_PublicKey>(number, Botan::BigInt{small_exponent});
  } catch (const std::exception&) {
    return not_a_public_key("not an RSA key");
  }
  state->thumbprint = digest_of_members(R"({"e":")" + base64url_encode(exponent) + R"(","kty":"RSA","n":")" +
                                        base64url_encode(modulus) + R"("})");
  return ProofKey{std::move(state)};
}

bool ProofKey::verify(ProofAlgorithm algorithm, ByteView message, ByteView signature) const {
  if (state_->kind == Kind::ed25519) {
    return algorithm == ProofAlgorithm::eddsa && state_->ed25519->verify(message, signature);
  }
  const char* padding = padding_of(state_->kind, algorithm);
  if (padding == nullptr) return false;
  const std::size_t key_bits = state_->other->key_length();
  if (state_->kind == Kind::rsa && !is_rsa_signature_size(signature.size(), key_bits)) return false;
  try {
    Botan::PK_Verifier verifier{*state_->other, padding, Botan::IEEE_1363};
    return verifier.verify_message(message.data(), message.size(), signature.data(), signature.size());
  } catch (const std::exception&) {
    return false;  // A signature of a form that the library refuses.
  }
}

const Digest& ProofKey::thumbprint() const { return state_->thumbprint; }

}  // namespace tally::core::crypto
