#pragma once

#include <memory>
#include <string>

#include "core/base/random.hpp"
#include "events/store/store.hpp"
#include "tools/cli/command_spec.hpp"
#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"
#include "tools/folder/ledger_folder.hpp"
#include "tools/keyring/open_master_key.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {

/// `--data-dir` and what belongs to it.
void add_folder_options(CommandSpec& command, FolderChoice& folder);

/// Whether there is a ledger, whole or not: what opens one would make one. Errors: unreachable.
Attempt<void> check_ledger_is_there(const std::string& data_dir);

/// Whether this process is its server's user: what another writes there the server can not read. Errors: unreachable.
Attempt<void> check_owner(const std::string& data_dir);

/// Of a ledger that could not be opened: a server that has it open is to be stopped first.
Failure failure_of_folder(const core::Error& error);

/// What becomes of a ledger that falls short of its anchor or checkpoint, or has lost them.
enum class Loss : std::uint8_t {
  refused,   ///< It is left as it is.
  accepted,  ///< It is opened as far as it goes, and anchored anew by the first batch.
};

/// The ledger of a data folder, which no server may have open. Never makes one. Errors: unreachable, damaged,
/// later_release, refused (another release's, to be used as it is).
Attempt<std::unique_ptr<events::Store>> open_ledger(const FolderChoice& folder, LedgerUse use = LedgerUse::as_it_is,
                                                    Loss loss = Loss::refused);

/// What the folder has signed of its ledger, with its master key, which is never made. Errors: usage (a master key that
/// does not fit), unreachable, damaged.
Attempt<SignedLedger> open_signed_ledger(const std::string& data_dir, MasterKeyChoice choice,
                                         core::RandomSource& random);

}  // namespace tally::tools
