#pragma once

#include <memory>
#include <string>

#include "core/base/random.hpp"
#include "tools/keyring/master_key.hpp"

namespace tally::tools {

/// Where the master key is. Nothing given: the service manager's credential `tally-master-key`, if there is one, else
/// FOLDER/master.key, made when it is missing and nothing is wrapped yet.
struct MasterKeyChoice {
  std::string folder = {};           ///< That holds the wrapped keys.
  std::string file = {};             ///< Setting master_key_file.
  std::string credentials_dir = {};  ///< $CREDENTIALS_DIRECTORY of systemd; empty: none.
  std::string pkcs11_module = {};    ///< A path. The other three belong to it.
  std::string pkcs11_token = {};     ///< The token's label.
  std::string pkcs11_key = {};       ///< The key's label.
  std::string pkcs11_pin_file = {};
};

/// Errors: bad_configuration (a missing, badly protected or malformed key; the detail begins with the setting's name),
/// io_failed, no_space. Lifetime: `random` outlives the key.
core::Result<std::unique_ptr<MasterKey>> open_master_key(const MasterKeyChoice& choice, core::RandomSource& random);

/// As open_master_key, but never makes a key.
core::Result<std::unique_ptr<MasterKey>> open_existing_master_key(const MasterKeyChoice& choice,
                                                                  core::RandomSource& random);

/// Whether the files are there, well protected and of the right form, as far as that shows without a token and without
/// making a key. Errors: bad_configuration, io_failed.
core::Result<void> check_master_key(const MasterKeyChoice& choice);

}  // namespace tally::tools
