#pragma once

#include <string>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "http/tokens/signing_key_store.hpp"
#include "tools/keyring/key_ring.hpp"

namespace tally::tools {

/// The private keys of a data folder: `signing-<kid>` in its key ring, PKCS#8 within. One that an earlier release left
/// unwrapped (signing-<kid>.pem) is wrapped when it is first loaded, and the file that was in the clear goes. Threads:
/// one at a time.
class SigningKeys final : public http::SigningKeyStore {
 public:
  /// Lifetime: both outlive it.
  SigningKeys(KeyRing& ring, core::RandomSource& random) : ring_(ring), random_(random) {}

  core::Result<core::crypto::SigningKey> make(core::crypto::SigningAlgorithm algorithm) override;
  core::Result<core::crypto::SigningKey> first(core::crypto::SigningAlgorithm algorithm) override;
  core::Result<core::crypto::SigningKey> load(const std::string& key_id) override;
  core::Result<void> discard(const std::string& key_id) override;

 private:
  [[nodiscard]] std::string plain_path_of(const std::string& key_id) const;
  core::Result<void> wrap_plain(const std::string& key_id);

  KeyRing& ring_;
  core::RandomSource& random_;
};

}  // namespace tally::tools
