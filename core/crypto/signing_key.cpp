#include "core/crypto/signing_key.hpp"

#include <algorithm>
#include <exception>

#include <botan/data_src.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>
#include <botan/secmem.h>
#include <botan/sodium.h>
#include <botan/system_rng.h>

#include "core/base/check.hpp"
#include "core/crypto/key_forms.hpp"
#include "core/crypto/random_adaptor.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPairBytes = 64;  // Seed and public key, as the signing function takes them.

Error not_a_private_key() {
  return fail(Errc::malformed, "not a private key in PKCS#8 PEM of Ed25519, P-256 or RSA with 2048 to 4096 bits");
}

/// A key whose public half this server would not take is none.
std::optional<SigningAlgorithm> algorithm_of(const Botan::Private_Key& key) {
  if (dynamic_cast<const Botan::Ed25519_PrivateKey*>(&key) != nullptr) return SigningAlgorithm::eddsa;
  if (const auto* ecdsa = dynamic_cast<const Botan::ECDSA_PrivateKey*>(&key)) {
    if (ecdsa->domain() == Botan::EC_Group{kP256}) return SigningAlgorithm::es256;
  }
  if (const auto* rsa = dynamic_cast<const Botan::RSA_PrivateKey*>(&key)) {
    if (is_rsa_size(rsa->get_n().bits())) return SigningAlgorithm::rs256;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> public_bytes_of(const Botan::Private_Key& key) {
  if (const auto* ed25519 = dynamic_cast<const Botan::Ed25519_PrivateKey*>(&key)) return ed25519->get_public_key();
  if (const auto* ecdsa = dynamic_cast<const Botan::ECDSA_PrivateKey*>(&key)) {
    return ecdsa->public_point().encode(Botan::PointGFp::UNCOMPRESSED);
  }
  return dynamic_cast<const Botan::RSA_PrivateKey&>(key).public_key_bits();
}

}  // namespace

struct SigningKey::State {
  Botan::secure_vector<std::uint8_t> pair;        ///< Of Ed25519.
  std::unique_ptr<const Botan::Private_Key> key;  ///< Of the others.
  VerifyingKey public_key;

  static Result<std::unique_ptr<State>> make(std::unique_ptr<const Botan::Private_Key> key) {
    const auto algorithm = algorithm_of(*key);
    if (!algorithm) return not_a_private_key();
    auto public_key = VerifyingKey::from_bytes(*algorithm, public_bytes_of(*key));
    if (public_key.has_error()) return not_a_private_key();
    auto state = std::make_unique<State>();
    state->public_key = std::move(*public_key);
    if (const auto* ed25519 = dynamic_cast<const Botan::Ed25519_PrivateKey*>(key.get())) {
      state->pair = ed25519->get_private_key();
      TALLY_CHECK(state->pair.size() == kPairBytes);
    } else {
      state->key = std::move(key);
    }
    return state;
  }
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate(RandomSource& random, SigningAlgorithm algorithm) {
  RandomAdaptor adaptor{random};
  std::unique_ptr<const Botan::Private_Key> key;
  switch (algorithm) {
    case SigningAlgorithm::eddsa: {
      Botan::secure_vector<std::uint8_t> seed(kSeedBytes);
      random.fill(seed);
      key = std::make_unique<Botan::Ed25519_PrivateKey>(seed);
      break;
    }
    case SigningAlgorithm::es256:
      key = std::make_unique<Botan::ECDSA_PrivateKey>(adaptor, Botan::EC_Group{kP256});
      break;
    case SigningAlgorithm::rs256:
      key = std::make_unique<Botan::RSA_PrivateKey>(adaptor, kRsaBits);
      break;
  }
  auto state = State::make(std::move(key));
  TALLY_CHECK(state.has_value());
  return SigningKey{std::move(*state)};
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  try {
    const ByteView bytes = as_bytes(pem);
    Botan::DataSource_Memory source{bytes.data(), bytes.size()};
    TALLY_TRY_ASSIGN(auto state, State::make(Botan::PKCS8::load_key(source)));
    return SigningKey{std::move(state)};
  } catch (const std::exception&) {
    return not_a_private_key();
  }
}

SecretText SigningKey::to_pem() const {
  if (state_->key != nullptr) return SecretText{Botan::PKCS8::PEM_encode(*state_->key)};
  const Botan::secure_vector<std::uint8_t> seed(state_->pair.begin(), state_->pair.begin() + kSeedBytes);
  return SecretText{Botan::PKCS8::PEM_encode(Botan::Ed25519_PrivateKey{seed})};
}

Signature SigningKey::sign(ByteView message) const {
  if (state_->key == nullptr) {
    Signature signature;
    signature.size_ = kPairBytes;
    // The function without state, and not a PK_Signer: that one may be used by one thread only and costs more to make.
    const int outcome = Botan::Sodium::crypto_sign_ed25519_detached(signature.bytes_.data(), nullptr, message.data(),
                                                                    message.size(), state_->pair.data());
    TALLY_CHECK(outcome == 0);
    return signature;
  }
  // The generator only blinds: the signatures themselves draw nothing (RFC 6979, PKCS#1 v1.5).
  Botan::RandomNumberGenerator& blinding = Botan::system_rng();
  Botan::PK_Signer signer{*state_->key, blinding, padding_of(state_->public_key.algorithm())};
  return Signature{signer.sign_message(message.data(), message.size(), blinding)};
}

SigningAlgorithm SigningKey::algorithm() const { return state_->public_key.algorithm(); }
const VerifyingKey& SigningKey::public_key() const { return state_->public_key; }

}  // namespace tally::core::crypto
