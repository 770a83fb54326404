#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/event/ledger_events.hpp"
#include "core/ledger/checkpoint.hpp"
#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"
#include "tools/folder/ledger_folder.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {

struct RecoverRequest {
  FolderChoice folder;
  MasterKeyChoice master_key;  ///< That opens the ledger's key, to say in the ledger which one it was.
  bool accept_loss = false;
};

/// What was lost, and what is left.
struct Recovery {
  std::string missing;                        ///< Empty: nothing, and nothing was done.
  std::uint64_t events = 0;                   ///< That were found.
  std::optional<core::LedgerRecovered> done;  ///< What the ledger says of it now.
  std::string key_file = {};                  ///< Where the key that signed up to here is now; empty: it signs on.
};

/// Goes on with a ledger of which something is lost for good: says in it what was found and what had been there, makes
/// its rows anew, and, if what is known of it is not contained in it, puts its key and checkpoint away, so that the
/// next start signs under a new key and name. Until the first of these is durable the folder is refused as before.
/// What is cut short afterwards is not finished by another call: docs/operations.md says what to do. Without
/// `accept_loss` nothing is changed. Errors: damaged (what is missing, not accepted; or what can not be gone on from),
/// usage (another master key), unreachable, later_release, refused (another release's rows).
Attempt<Recovery> recover_ledger_folder(Context& context, const RecoverRequest& request);

}  // namespace tally::tools
