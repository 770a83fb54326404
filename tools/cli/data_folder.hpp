#pragma once

#include <memory>
#include <string>

#include "events/store.hpp"
#include "tools/cli/context.hpp"
#include "tools/cli/outcome.hpp"

namespace tally::tools {

/// The ledger of a data folder, which no server may have open. Never makes one. Errors: unreachable, damaged.
Attempt<std::unique_ptr<events::Store>> open_ledger(Context& context, const std::string& data_dir);

}  // namespace tally::tools
