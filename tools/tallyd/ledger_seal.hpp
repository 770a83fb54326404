#pragma once

#include <optional>
#include <string>

#include "core/crypto/signing_key.hpp"
#include "core/ledger/checkpoint.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "http/auth/checkpointer.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/tallyd/checkpoint_file.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// What a data folder has signed of its ledger, and the key that signs: `ledger` in its key ring, PKCS#8 within, an
/// Ed25519 key that signs nothing else.
class LedgerSeal {
 public:
  /// Makes the key if there is none, unless a checkpoint says that there was one. The folder must be this process's
  /// already. Errors: io_failed (also: the key is missing; the detail says what to put back), corrupt (the checkpoint
  /// can not be read, or the key has not signed it), malformed, bad_configuration (another master key), no_space.
  static core::Result<LedgerSeal> open(const std::string& data_dir, KeyRing& ring, core::RandomSource& random);

  /// Whether the ledger that was found is the one that was signed, or has grown out of it. Before anything is written
  /// to it: what is written could hide that something is missing. Errors: corrupt.
  [[nodiscard]] core::Result<void> check(const core::TreeHead& found) const;

  [[nodiscard]] const core::crypto::SigningKey& key() const { return key_; }
  [[nodiscard]] CheckpointFile& file() { return file_; }
  /// The last checkpoint of the processes before; empty: none.
  [[nodiscard]] const std::optional<http::ServedCheckpoint>& last() const { return last_; }

 private:
  LedgerSeal(CheckpointFile file, core::crypto::SigningKey key, std::optional<http::ServedCheckpoint> last)
      : file_(std::move(file)), key_(std::move(key)), last_(std::move(last)) {}

  CheckpointFile file_;
  core::crypto::SigningKey key_;
  std::optional<http::ServedCheckpoint> last_;
};

/// What the ledger is called: as the settings say, or the issuer without its scheme. Errors: bad_configuration.
core::Result<core::LedgerOrigin> choose_ledger_origin(const Settings& settings, const std::string& issuer);

}  // namespace tally::tools
