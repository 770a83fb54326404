#pragma once

#include <memory>
#include <string>

#include "events/store.hpp"
#include "tools/cli/context.hpp"
#include "tools/cli/outcome.hpp"
#include "tools/ledger_folder.hpp"

namespace tally::tools {

/// The ledger of a data folder, which no server may have open. Never makes one. Errors: unreachable, damaged,
/// later_release, refused (another release's, to be used as it is).
Attempt<std::unique_ptr<events::Store>> open_ledger(Context& context, const std::string& data_dir,
                                                    LedgerUse use = LedgerUse::as_it_is);

}  // namespace tally::tools
