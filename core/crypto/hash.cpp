#include "core/crypto/hash.hpp"

#include <botan/hash.h>
#include <botan/mac.h>

#include "core/base/check.hpp"

namespace tally::core::crypto {
namespace {

constexpr const char* kAlgorithm = "SHA-256";

/// Making a hash object costs more than hashing 300 bytes; final() leaves it as new.
Botan::HashFunction& hash_of_this_thread() {
  thread_local const std::unique_ptr<Botan::HashFunction> hash = Botan::HashFunction::create_or_throw(kAlgorithm);
  return *hash;
}

Digest finish_hash(Botan::HashFunction& hash) {
  Digest digest;
  hash.final(digest.bytes.data());
  return digest;
}

}  // namespace

Digest sha256(ByteView bytes) {
  Botan::HashFunction& hash = hash_of_this_thread();
  hash.update(bytes.data(), bytes.size());
  return finish_hash(hash);
}

Digest sha256(std::initializer_list<ByteView> parts) {
  Botan::HashFunction& hash = hash_of_this_thread();
  for (const ByteView part : parts) hash.update(part.data(), part.size());
  return finish_hash(hash);
}

Digest hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  thread_local const std::unique_ptr<Botan::MessageAuthenticationCode> mac =
      Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
  mac->set_key(key.data(), key.size());
  for (const ByteView part : parts) mac->update(part.data(), part.size());
  Digest digest;
  mac->final(digest.bytes.data());
  mac->clear();  // the key does not stay behind
  return digest;
}

struct Sha256Stream::State {
  std::unique_ptr<Botan::HashFunction> hash = Botan::HashFunction::create_or_throw(kAlgorithm);
  bool finished = false;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(ByteView bytes) {
  TALLY_CHECK(!state_->finished);
  state_->hash->update(bytes.data(), bytes.size());
}

Digest Sha256Stream::finish() {
  TALLY_CHECK(!state_->finished);
  state_->finished = true;
  return finish_hash(*state_->hash);
}

}  // namespace tally::core::crypto
