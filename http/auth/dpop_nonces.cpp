#include "http/auth/dpop_nonces.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.hpp"
#include "core/crypto/base64.hpp"
#include "http/server/limits.hpp"

namespace tally::http {

std::size_t DPoPNonces::ProofHash::operator()(const std::array<std::uint8_t, 16>& key) const {
  std::size_t hash;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

DPoPNonces::DPoPNonces(core::RandomSource& random, std::size_t proofs_max) : random_(random), proofs_max_(proofs_max) {
  TALLY_CHECK(proofs_max_ > 0);
}

void DPoPNonces::advance(core::Timestamp now) {
  const std::int64_t number = core::seconds_of(now) / limits::kNonceLifetime.count();
  if (number <= number_) return;
  previous_ = number == number_ + 1 ? std::move(current_) : Epoch{};
  current_ = Epoch{};
  std::array<std::uint8_t, 16> drawn{};
  random_.fill(drawn);
  current_.nonce = core::crypto::base64url_encode(drawn);
  number_ = number;
}

DPoPNonces::Epoch* DPoPNonces::find(std::string_view nonce) {
  if (nonce.empty()) return nullptr;
  if (nonce == current_.nonce) return &current_;
  return nonce == previous_.nonce ? &previous_ : nullptr;
}

std::string DPoPNonces::current(core::Timestamp now) {
  std::lock_guard lock{mutex_};
  advance(now);
  return current_.nonce;
}

bool DPoPNonces::is_good(std::string_view nonce, core::Timestamp now) {
  std::lock_guard lock{mutex_};
  advance(now);
  return find(nonce) != nullptr;
}

core::Result<void> DPoPNonces::use(std::string_view nonce, const core::Digest& proof, core::Timestamp now) {
  std::array<std::uint8_t, 16> key{};
  std::copy_n(proof.bytes.begin(), key.size(), key.begin());
  std::lock_guard lock{mutex_};
  advance(now);
  Epoch* epoch = find(nonce);
  if (epoch == nullptr) return core::fail(core::Errc::nonce_required, "the proof's nonce is not, or no more, good");
  if (epoch->proofs.contains(key)) return core::fail(core::Errc::invalid_proof, "the proof was used before");
  if (epoch->proofs.size() >= proofs_max_) {
    return core::fail(core::Errc::overloaded, "too many proofs at the same time");
  }
  epoch->proofs.insert(key);
  return {};
}

}  // namespace tally::http
