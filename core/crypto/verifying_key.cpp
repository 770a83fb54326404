#include <algorithm>
#include <array>
#include <exception>
#include <memory>

#include <botan/ecdsa.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>
#include <botan/sodium.h>

#include "core/base/check.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/key_forms.hpp"
#include "core/crypto/signing_key.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kEd25519SignatureBytes = 64;

/// RFC 8032 §5.1.7: the second half of a signature, a number from its lowest byte on, is below the order of the group;
/// else one signature would have several texts. The library asks for less.
bool is_canonical(ByteView signature) {
  constexpr std::array<std::uint8_t, 32> kOrder{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                                0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  const ByteView number = signature.last(kOrder.size());
  return std::lexicographical_compare(number.rbegin(), number.rend(), kOrder.rbegin(), kOrder.rend());
}

std::string number_text(const Botan::BigInt& number, std::size_t bytes) {
  Bytes big_endian(bytes);
  number.binary_encode(big_endian.data(), big_endian.size());
  return base64url_encode(big_endian);
}

std::unique_ptr<Botan::Public_Key> parse_point(ByteView bytes) {
  // Compressed points and the point at infinity are other texts of a key, and one key has one text here.
  if (bytes.size() != kP256PointBytes || bytes.front() != kUncompressedPoint) return nullptr;
  const Botan::EC_Group group{kP256};
  const Botan::PointGFp point = group.OS2ECP(bytes.data(), bytes.size());
  if (!group.verify_public_element(point)) return nullptr;
  return std::make_unique<Botan::ECDSA_PublicKey>(group, point);
}

std::unique_ptr<Botan::Public_Key> parse_rsa(ByteView bytes) {
  const std::vector<std::uint8_t> der{bytes.begin(), bytes.end()};
  auto key = std::make_unique<Botan::RSA_PublicKey>(Botan::AlgorithmIdentifier{}, der);
  // DER has one form of a key; BER, which the parser takes too, has many.
  const bool is_good = is_rsa_size(key->get_n().bits()) && key->get_n().is_odd() && key->get_e().is_odd() &&
                       key->get_e() >= kRsaExponentMin && key->get_e().bits() <= kRsaExponentBitsMax &&
                       key->public_key_bits() == der;
  return is_good ? std::move(key) : nullptr;
}

}  // namespace

/// The key as Botan wants it. Its operations are made for each use: they may serve one thread only, the key any number.
struct VerifyingKey::Parsed {
  std::unique_ptr<const Botan::Public_Key> key;
};

Signature::Signature(ByteView bytes) : size_(bytes.size()) {
  TALLY_CHECK(bytes.size() <= kBytesMax);
  if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
}

const char* padding_of(SigningAlgorithm algorithm) {
  return algorithm == SigningAlgorithm::es256 ? "EMSA1(SHA-256)" : "EMSA3(SHA-256)";
}

bool is_rsa_size(std::size_t bits) { return bits >= kRsaBitsMin && bits <= kRsaBitsMax && bits % 8 == 0; }

Result<VerifyingKey> VerifyingKey::from_bytes(ByteView public_key) {
  return from_bytes(SigningAlgorithm::eddsa, public_key);
}

Result<VerifyingKey> VerifyingKey::from_bytes(SigningAlgorithm algorithm, ByteView public_key) {
  const auto malformed = [algorithm] {
    return fail(Errc::malformed, std::string{"not a public key for "} + name_of(algorithm));
  };
  VerifyingKey made;
  made.algorithm_ = algorithm;
  made.bytes_.assign(public_key.begin(), public_key.end());
  if (algorithm == SigningAlgorithm::eddsa) {
    if (public_key.size() != kEd25519Bytes) return malformed();
    made.members_ = {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url_encode(public_key)}};
    return made;
  }
  auto parsed = std::make_shared<Parsed>();
  try {
    if (algorithm == SigningAlgorithm::es256) {
      parsed->key = parse_point(public_key);
      if (parsed->key == nullptr) return malformed();
      made.members_ = {{"crv", "P-256"},
                       {"kty", "EC"},
                       {"x", base64url_encode(public_key.subspan(1, 32))},
                       {"y", base64url_encode(public_key.subspan(33, 32))}};
    } else {
      parsed->key = parse_rsa(public_key);
      if (parsed->key == nullptr) return malformed();
      const auto& rsa = dynamic_cast<const Botan::RSA_PublicKey&>(*parsed->key);
      made.members_ = {{"e", number_text(rsa.get_e(), rsa.get_e().bytes())},
                       {"kty", "RSA"},
                       {"n", number_text(rsa.get_n(), rsa.get_n().bytes())}};
    }
  } catch (const std::exception&) {
    return malformed();
  }
  made.parsed_ = std::move(parsed);
  return made;
}

bool VerifyingKey::verify(ByteView message, ByteView signature) const {
  if (algorithm_ == SigningAlgorithm::eddsa) {
    if (signature.size() != kEd25519SignatureBytes || bytes_.size() != kEd25519Bytes) return false;
    if (!is_canonical(signature)) return false;
    return Botan::Sodium::crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                                              bytes_.data()) == 0;
  }
  const std::size_t key_bits = parsed_->key->key_length();
  if (algorithm_ == SigningAlgorithm::rs256 && !is_rsa_signature_size(signature.size(), key_bits)) return false;
  try {
    Botan::PK_Verifier verifier{*parsed_->key, padding_of(algorithm_)};
    return verifier.verify_message(message.data(), message.size(), signature.data(), signature.size());
  } catch (const std::exception&) {
    return false;
  }
}

std::string VerifyingKey::thumbprint() const {
  // RFC 7638: the required members in order of their names, without white space.
  std::string canonical = "{";
  for (const auto& [name, value] : members_) {
    if (canonical.size() > 1) canonical.push_back(',');
    canonical.append("\"").append(name).append("\":\"").append(value).append("\"");
  }
  canonical.push_back('}');
  return base64url_encode(sha256(as_bytes(canonical)).bytes);
}

}  // namespace tally::core::crypto
