#pragma once

#include <optional>
#include <string>

#include "core/crypto/signing_key.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "events/store.hpp"

namespace tally::tools {

/// The private keys of a data folder: DIR/keys/signing-<kid>.pem, PKCS#8, mode 0600.
class SigningKeys {
 public:
  /// Makes the folder if it is missing. Errors: io_failed, no_space.
  static core::Result<SigningKeys> open(const std::string& data_dir);

  /// The key that the ledger names. Errors: io_failed (missing or unreadable; the detail names the file), malformed
  /// (no key, or another one than its name says).
  [[nodiscard]] core::Result<core::crypto::SigningKey> load(const std::string& key_id) const;

  /// The key of a first start: one that an interrupted first start left behind, or else a new one, durable on return.
  /// Errors: io_failed, no_space, malformed.
  core::Result<core::crypto::SigningKey> first(core::RandomSource& random);

 private:
  explicit SigningKeys(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::string path_of(const std::string& key_id) const;
  std::string folder_;  // constant after construction
};

/// The id of the signing key that the ledger records first; empty if it records none. Reads from the beginning up to
/// the first event that is neither a start of the ledger nor a key: a server records its key before anything else.
/// Errors: corrupt, unknown_event, io_failed.
core::Result<std::optional<std::string>> recorded_key_id(const events::Reader& reader);

}  // namespace tally::tools
