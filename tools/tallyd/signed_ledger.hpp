#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/crypto/signing_key.hpp"
#include "core/ledger/checkpoint.hpp"
#include "events/store/store.hpp"
#include "http/ledger/served_checkpoint.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/tallyd/checkpoint_file.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// Whether a ledger may have no checkpoint beside the key that signs them: nobody has acted yet, all events are the
/// server's own. A start signs before it serves; so one that was interrupted before it goes on, and whatever else lacks
/// its checkpoint has lost it. Errors: corrupt, and those of reading `ledger`.
core::Result<void> check_unsigned(const std::string& checkpoint_path, const std::string& key_path,
                                  const events::Reader& ledger);

/// The key that signs a folder's checkpoints; empty: there is none. Errors: malformed (also: not an Ed25519 key),
/// bad_configuration (another master key), io_failed.
core::Result<std::optional<core::crypto::SigningKey>> load_ledger_key(const KeyRing& ring);

/// What a data folder has signed of its ledger, and the key that signs: `ledger` in its key ring, PKCS#8 within, an
/// Ed25519 key that signs nothing else.
class SignedLedger {
 public:
  /// Makes a key if there is none, unless a checkpoint says that there was one, and leaves the folder as it is. The
  /// folder must be this process's already. Errors: io_failed (also: the key is missing; the detail says what to put
  /// back), corrupt (the checkpoint can not be read, or the key has not signed it), malformed, bad_configuration
  /// (another master key), no_space.
  static core::Result<SignedLedger> open(const std::string& data_dir, const KeyRing& ring, core::RandomSource& random);

  /// Whether the ledger that was found is the one that was signed, or has grown out of it, as its tiles say; of one
  /// that has none yet a longer one is taken at its word. Where nothing is signed, but the key is there, nobody may
  /// have acted yet: every start signs before it serves, so the checkpoint is gone. Before anything is written to the
  /// ledger: what is written could hide that something is missing. Errors: corrupt, and those of reading `ledger`.
  [[nodiscard]] core::Result<void> check(const core::TreeHead& found, const events::Reader& ledger) const;

  /// Whether its key is that of a verifier key. What others pin is the key; what the ledger is called may change.
  [[nodiscard]] bool has_key(const std::string& verifier) const;

  /// Keeps a key that open() made. Just before it signs for the first time, or a start that ends in between would leave
  /// a key without a checkpoint beside a ledger that is older than both. Errors: io_failed, no_space.
  core::Result<void> keep_key(KeyRing& ring);

  [[nodiscard]] const core::crypto::SigningKey& key() const { return key_; }
  [[nodiscard]] CheckpointFile& file() { return file_; }
  /// The last checkpoint of the processes before; empty: none.
  [[nodiscard]] const std::optional<http::ServedCheckpoint>& last() const { return last_; }

 private:
  /// Errors: as check().
  [[nodiscard]] core::Result<void> check_beginning(const core::TreeHead& found, const events::Reader& ledger) const;

  enum class KeyOrigin : std::uint8_t { kept, made };
  SignedLedger(CheckpointFile file, std::string key_path, core::crypto::SigningKey key, KeyOrigin key_origin,
               std::optional<http::ServedCheckpoint> last)
      : file_(std::move(file)),
        key_path_(std::move(key_path)),
        key_(std::move(key)),
        key_origin_(key_origin),
        last_(std::move(last)) {}

  CheckpointFile file_;
  std::string key_path_;
  core::crypto::SigningKey key_;
  KeyOrigin key_origin_;
  std::optional<http::ServedCheckpoint> last_;
};

/// What the ledger is called: as the settings say, or the issuer without its scheme; with `/r` and the number of its
/// last fork, if its history has forked. Errors: bad_configuration.
core::Result<core::LedgerOrigin> choose_ledger_origin(const Settings& settings, const std::string& issuer,
                                                      std::uint32_t forks = 0);

}  // namespace tally::tools
