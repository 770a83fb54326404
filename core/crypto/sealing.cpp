#include "core/crypto/sealing.hpp"

#include <array>
#include <exception>
#include <memory>

#include <botan/aead.h>
#include <botan/secmem.h>

#include "core/base/check.hpp"
#include "core/crypto/hash.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kVersionBytes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSealKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;

/// Key and nonce come out of one HKDF: the salt is fresh for every seal, so no pair is used twice and no nonce is
/// stored.
Botan::secure_vector<std::uint8_t> derive(std::string_view key_secret, std::string_view purpose, ByteView salt) {
  Botan::secure_vector<std::uint8_t> material(kSealKeyBytes + kNonceBytes);
  hkdf_sha256(as_bytes(key_secret), salt, as_bytes(purpose), material);
  return material;
}

/// A cipher that is keyed and started. The object stays in the thread and is cleared by `Started`.
class Started {
 public:
  Started(Botan::AEAD_Mode& mode, const Botan::secure_vector<std::uint8_t>& material, ByteView context) : mode_(mode) {
    TALLY_CHECK(material.size() == kSealKeyBytes + kNonceBytes);
    mode_.set_key(material.data(), kSealKeyBytes);
    mode_.set_associated_data(context.data(), context.size());
    mode_.start(material.data() + kSealKeyBytes, kNonceBytes);
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { mode_.clear(); }

  void finish(Botan::secure_vector<std::uint8_t>& buffer) { mode_.finish(buffer); }

 private:
  Botan::AEAD_Mode& mode_;
};

Error cannot_open() { return fail(Errc::corrupt, "a sealed value does not open"); }

}  // namespace

Bytes seal(std::string_view key_secret, std::string_view purpose, ByteView context, std::string_view plaintext,
           RandomSource& random) {
  thread_local const std::unique_ptr<Botan::AEAD_Mode> mode =
      Botan::AEAD_Mode::create_or_throw("AES-256/GCM", Botan::ENCRYPTION);
  std::array<std::uint8_t, kSaltBytes> salt;
  random.fill(salt);
  const ByteView plain = as_bytes(plaintext);
  Botan::secure_vector<std::uint8_t> buffer(plain.begin(), plain.end());
  Started{*mode, derive(key_secret, purpose, salt), context}.finish(buffer);

  Bytes out;
  out.reserve(kVersionBytes + kSaltBytes + buffer.size());
  out.push_back(kVersion);
  out.insert(out.end(), salt.begin(), salt.end());
  out.insert(out.end(), buffer.begin(), buffer.end());
  TALLY_CHECK(out.size() == kVersionBytes + kSaltBytes + plaintext.size() + kTagBytes);
  return out;
}

Result<SecretText> unseal(std::string_view key_secret, std::string_view purpose, ByteView context, ByteView sealed) {
  thread_local const std::unique_ptr<Botan::AEAD_Mode> mode =
      Botan::AEAD_Mode::create_or_throw("AES-256/GCM", Botan::DECRYPTION);
  if (sealed.size() < kVersionBytes + kSaltBytes + kTagBytes || sealed.front() != kVersion) return cannot_open();
  const ByteView salt = sealed.subspan(kVersionBytes, kSaltBytes);
  const ByteView body = sealed.subspan(kVersionBytes + kSaltBytes);
  Botan::secure_vector<std::uint8_t> buffer(body.begin(), body.end());
  try {
    Started{*mode, derive(key_secret, purpose, salt), context}.finish(buffer);
  } catch (const std::exception&) {
    return cannot_open();
  }
  return SecretText{std::string{as_text(buffer)}};
}

}  // namespace tally::core::crypto
