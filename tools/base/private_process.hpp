#pragma once

namespace tally::tools {

/// What the process makes is for its owner only. First thing in main(), before anything is made.
void keep_files_private();

/// Nobody may look into the memory of the process, and no crash writes it to a disk: it holds secrets.
void forbid_core_dumps();

}  // namespace tally::tools
