#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "tools/keyring/master_key.hpp"

namespace tally::tools {

/// The wrapped secrets of a server, by name, each in a file FOLDER/NAME.key of mode 0600. A name has letters, digits,
/// `-` and `_` (checked). Threads: any.
class KeyRing {
 public:
  /// Lifetime: `random` outlives it.
  KeyRing(std::string folder, std::unique_ptr<MasterKey> master_key, core::RandomSource& random);

  /// Empty: there is none of that name. Errors: malformed, bad_configuration (wrapped by another master key; the detail
  /// begins with the master key's setting), io_failed; the detail names the file.
  [[nodiscard]] core::Result<std::optional<core::SecretText>> load(std::string_view name) const;
  /// Durable on return; takes the place of an older one. Errors: io_failed, no_space.
  core::Result<void> keep(std::string_view name, std::string_view secret);
  /// Gone on return; not having it is success. Errors: io_failed.
  core::Result<void> remove(std::string_view name);
  /// Every name that begins with `prefix`, in order. Errors: io_failed.
  [[nodiscard]] core::Result<std::vector<std::string>> names(std::string_view prefix) const;

  /// 32 random bytes for the server's own use, made when they are first asked for and the same ever after; `use` tells
  /// one from the other: server_key("idempotency"). Errors: as load() and keep().
  core::Result<core::SecretText> server_key(std::string_view use);

  [[nodiscard]] std::string path_of(std::string_view name) const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  // Constant after construction.
  std::string folder_;
  std::unique_ptr<MasterKey> master_key_;
  core::RandomSource& random_;
  std::mutex making_;  ///< Two that ask for the same server key at first get the same.
};

/// Wraps every secret of `folder` that `from` has wrapped by `to`, one file after the other, each whole or not at all;
/// what `to` has wrapped already is left alone, so that an interrupted run is finished by another. Nothing is changed
/// unless every file opens. Answers how many were changed. Errors: as KeyRing::load and keep.
core::Result<std::size_t> rewrap(const std::string& folder, MasterKey& from, MasterKey& to);

}  // namespace tally::tools
