#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::http {

/// The nonces that DPoP proofs must hold, and the proofs that were used with them. A nonce is given for kNonceLifetime
/// and taken for one more; then it goes, and the memory of its proofs with it: that is as long as one could be used
/// again. Nothing survives a restart, nor needs to: no proof with a nonce of before is taken. Source: RFC 9449 §8,
/// §11.1, §11.3. Threads: any.
class DPoPNonces {
 public:
  /// Lifetime: `random` outlives it.
  explicit DPoPNonces(core::RandomSource& random, std::size_t proofs_max);

  /// The nonce to use from now on.
  [[nodiscard]] std::string current(core::Timestamp now);
  /// True if a proof with it is taken at `now`.
  [[nodiscard]] bool is_good(std::string_view nonce, core::Timestamp now);
  /// Remembers that a proof was used: the digest of its key and id. Errors: nonce_required (not a good one),
  /// invalid_proof (it was used before), overloaded (no more can be remembered with this nonce: nothing is forgotten
  /// for it).
  core::Result<void> use(std::string_view nonce, const core::Digest& proof, core::Timestamp now);

 private:
  /// Half of a SHA-256: a proof that falls together with another one is refused, no more.
  struct ProofHash {
    std::size_t operator()(const std::array<std::uint8_t, 16>& key) const;
  };
  struct Epoch {
    std::string nonce;
    std::unordered_set<std::array<std::uint8_t, 16>, ProofHash> proofs;
  };

  void advance(core::Timestamp now);
  Epoch* find(std::string_view nonce);

  core::RandomSource& random_;    // constant after construction
  const std::size_t proofs_max_;  // constant after construction
  std::mutex mutex_;
  std::int64_t number_ = -1;  // guarded by mutex_; of the current epoch. Only grows, whatever the clock does.
  Epoch current_;             // guarded by mutex_
  Epoch previous_;            // guarded by mutex_; without a nonce if there is none
};

}  // namespace tally::http
