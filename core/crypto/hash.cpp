#include "core/crypto/hash.hpp"

#include <algorithm>
#include <array>

#include <botan/hash.h>

#include "core/base/check.hpp"
#include "core/base/secret.hpp"

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

/// HMAC by a key, of two plain hashes: the library's own object hashes its key once more after each message, for a next
/// one that never comes.
class Keyed {
 public:
  explicit Keyed(ByteView key) {
    Digest hashed;
    if (key.size() > kBlockBytes) {
      hashed = sha256(key);
      key = hashed.bytes;
    }
    inner_.fill(0x36);
    outer_.fill(0x5c);
    for (std::size_t index = 0; index < key.size(); ++index) {
      inner_[index] ^= key[index];
      outer_[index] ^= key[index];
    }
    wipe(hashed.bytes.data(), hashed.bytes.size());
  }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;
  ~Keyed() {
    wipe(inner_.data(), inner_.size());
    wipe(outer_.data(), outer_.size());
  }

  [[nodiscard]] Digest mac(std::initializer_list<ByteView> parts) const {
    Botan::HashFunction& hash = hash_of_this_thread();
    hash.update(inner_.data(), inner_.size());
    for (const ByteView part : parts) hash.update(part.data(), part.size());
    const Digest inner = finish_hash(hash);
    return sha256({outer_, inner.bytes});
  }

 private:
  static constexpr std::size_t kBlockBytes = 64;
  std::array<std::uint8_t, kBlockBytes> inner_;
  std::array<std::uint8_t, kBlockBytes> outer_;
};

constexpr std::size_t kHkdfStepsMax = 255;

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

Digest hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) { return Keyed{key}.mac(parts); }

void hkdf_sha256(ByteView secret, ByteView salt, ByteView label, std::span<std::uint8_t> out) {
  TALLY_CHECK(out.size() <= kHkdfStepsMax * Digest{}.bytes.size());
  Digest made = Keyed{salt}.mac({secret});
  const Keyed expand{made.bytes};
  ByteView before;
  for (std::uint8_t step = 1; !out.empty(); ++step) {
    made = expand.mac({before, label, {&step, 1}});
    before = made.bytes;
    const std::size_t taken = std::min(out.size(), made.bytes.size());
    std::copy_n(made.bytes.begin(), taken, out.begin());
    out = out.subspan(taken);
  }
  wipe(made.bytes.data(), made.bytes.size());
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
