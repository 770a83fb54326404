#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/crypto/signing_key.hpp"

namespace tally::http {

/// Where private keys are kept. Two implementations: files (tools/) and a test's memory. Threads: one at a time.
class SigningKeyStore {
 public:
  virtual ~SigningKeyStore() = default;
  /// A new key, durable on return. Errors: io_failed, no_space.
  virtual core::Result<core::crypto::SigningKey> make(core::crypto::SigningAlgorithm algorithm) = 0;
  /// The first key of a ledger: one that an interrupted first start left behind, or else a new one. Errors: as make()
  /// and load().
  virtual core::Result<core::crypto::SigningKey> first(core::crypto::SigningAlgorithm algorithm) = 0;
  /// A key that the ledger names. Errors: io_failed (missing or unreadable), malformed (no key, or another one),
  /// bad_configuration (wrapped by another master key); the detail names the place.
  virtual core::Result<core::crypto::SigningKey> load(const std::string& key_id) = 0;
  /// Gone on return; not having it is success. Errors: io_failed.
  virtual core::Result<void> discard(const std::string& key_id) = 0;
};

}  // namespace tally::http
