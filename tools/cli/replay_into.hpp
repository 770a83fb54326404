#pragma once

#include <string>

#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"
#include "tools/folder/ledger_folder.hpp"

namespace tally::tools {

/// Makes a whole data folder of what can still be read of `from`, which is left as it is: the ledger from its log,
/// held against its head and its checkpoint, and copies of the keys and the checkpoint. `folder` is there when all of
/// it is durable, and not before. Errors: refused (`folder` exists), unreachable, damaged, later_release.
Attempt<void> replay_into_folder(Context& context, const FolderChoice& from, const std::string& folder);

}  // namespace tally::tools
