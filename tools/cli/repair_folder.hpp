#pragma once

#include <cstdint>

#include "tools/cli/context.hpp"
#include "tools/cli/verify_folder.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// What is wrong with a folder that was verified and can be mended: rows of the trees alone.
[[nodiscard]] bool is_repairable(const Verification& verified);

/// Writes the rows of the trees anew that differ from the log, durably, in a folder that was verified and is
/// repairable, and holds the folder meanwhile; how many they were. Errors: unreachable (a server has it open, or it is
/// another user's), damaged, refused (the rows of another release).
Attempt<std::uint64_t> repair_folder(Context& context, const FolderChoice& folder);

}  // namespace tally::tools
