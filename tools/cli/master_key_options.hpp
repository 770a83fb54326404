#pragma once

#include <string>

#include "tools/cli/command_spec.hpp"
#include "tools/client/outcome.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {

/// `--master-key-file` and `--pkcs11-…`, each after `prefix`; `which` is its name in the help.
void add_master_key_options(CommandSpec& command, MasterKeyChoice& choice, const std::string& prefix,
                            const std::string& which);

/// A master key that does not fit is a mistake in what was typed; anything else is the folder's.
Failure failure_of_keys(const core::Error& error);

}  // namespace tally::tools
