#include "core/crypto/signing_key.hpp"

#include <algorithm>
#include <exception>

#include <botan/data_src.h>
#include <botan/ed25519.h>
#include <botan/pkcs8.h>
#include <botan/secmem.h>
#include <botan/sodium.h>

#include "core/check.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPairBytes = 64;  // Seed and public key, as the signing function takes them.

Error not_a_key() { return fail(Errc::malformed, "not an Ed25519 private key in PKCS#8 PEM"); }

}  // namespace

Result<VerifyingKey> VerifyingKey::from_bytes(ByteView public_key) {
  VerifyingKey key;
  if (public_key.size() != key.bytes_.size()) return fail(Errc::malformed, "an Ed25519 public key has 32 bytes");
  std::copy(public_key.begin(), public_key.end(), key.bytes_.begin());
  return key;
}

bool VerifyingKey::verify(ByteView message, ByteView signature) const {
  if (signature.size() != Signature{}.size()) return false;
  return Botan::Sodium::crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                                            bytes_.data()) == 0;
}

std::string VerifyingKey::thumbprint() const {
  // RFC 7638: the required members in order of their names, without white space.
  const std::string canonical = R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(bytes_) + R"("})";
  return base64url_encode(sha256(as_bytes(canonical)).bytes);
}

struct SigningKey::State {
  Botan::secure_vector<std::uint8_t> pair;
  VerifyingKey public_key;

  static std::unique_ptr<State> make(const Botan::Ed25519_PrivateKey& key) {
    auto state = std::make_unique<State>();
    state->pair = key.get_private_key();
    TALLY_CHECK(state->pair.size() == kPairBytes);
    auto public_key = VerifyingKey::from_bytes(key.get_public_key());
    TALLY_CHECK(public_key.has_value());
    state->public_key = *public_key;
    return state;
  }
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate(RandomSource& random) {
  Botan::secure_vector<std::uint8_t> seed(kSeedBytes);
  random.fill(seed);
  return SigningKey{State::make(Botan::Ed25519_PrivateKey{seed})};
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  try {
    const ByteView bytes = as_bytes(pem);
    Botan::DataSource_Memory source{bytes.data(), bytes.size()};
    const std::unique_ptr<Botan::Private_Key> key = Botan::PKCS8::load_key(source);
    const auto* ed25519 = dynamic_cast<const Botan::Ed25519_PrivateKey*>(key.get());
    if (ed25519 == nullptr) return not_a_key();
    return SigningKey{State::make(*ed25519)};
  } catch (const std::exception&) {
    return not_a_key();
  }
}

SecretText SigningKey::to_pem() const {
  const Botan::secure_vector<std::uint8_t> seed(state_->pair.begin(), state_->pair.begin() + kSeedBytes);
  return SecretText{Botan::PKCS8::PEM_encode(Botan::Ed25519_PrivateKey{seed})};
}

Signature SigningKey::sign(ByteView message) const {
  Signature signature;
  // The function without state, and not a PK_Signer: that one may be used by one thread only and costs more to make.
  const int outcome = Botan::Sodium::crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(),
                                                                  message.size(), state_->pair.data());
  TALLY_CHECK(outcome == 0);
  return signature;
}

const VerifyingKey& SigningKey::public_key() const { return state_->public_key; }

}  // namespace tally::core::crypto
