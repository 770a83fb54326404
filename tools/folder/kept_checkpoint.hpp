#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/ledger/checkpoint.hpp"
#include "core/ledger/commitment.hpp"

namespace tally::tools {

/// A signed note in a file.
struct NoteFile {
  std::string text;
  core::Timestamp changed_at;  ///< When the file was: of a folder's checkpoint, when it was signed.
};

/// Empty: there is none. Errors: corrupt (it is longer than a note can be), io_failed.
core::Result<std::optional<NoteFile>> read_note_file(const std::string& path);

/// A folder's checkpoint, by whomever it is signed.
struct KeptCheckpoint {
  core::SignedCheckpoint note;
  core::Commitment commitment;  ///< By "checkpoint".
};

/// Empty: the folder has none. Errors: corrupt (it is no note; the detail names the file), io_failed.
core::Result<std::optional<KeptCheckpoint>> read_kept_checkpoint(const std::string& data_dir);

}  // namespace tally::tools
