#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/identity/person_commands.hpp"

namespace tally::tools {

/// The one-time file that gives an operator's account back at the next start, where nobody can run a command in the
/// data folder. It holds no password. Source: docs/formats.md ("operator-reset").
struct ResetFile {
  core::EventId nonce;  ///< Drawn for this file: a ledger that has seen it takes it no more.
  std::string username;
  std::string password_verifier;

  [[nodiscard]] std::string text() const;
  /// Errors: malformed.
  static core::Result<ResetFile> parse(std::string_view text);
  [[nodiscard]] core::RecoverOperator command() const;
};

/// `operator-reset` in the data folder.
std::string reset_file_path(const std::string& data_dir);

/// The file that a data folder holds, if it holds one. It must be the folder's owner's, and for nobody else to read or
/// change. Errors: bad_configuration.
core::Result<std::optional<ResetFile>> find_reset_file(const std::string& data_dir);

}  // namespace tally::tools
