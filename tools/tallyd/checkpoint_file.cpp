#include "tools/tallyd/checkpoint_file.hpp"

#include "tools/base/private_file.hpp"
#include "tools/folder/kept_checkpoint.hpp"

namespace tally::tools {

using core::Result;

Result<std::optional<http::KeptNote>> CheckpointFile::load() const {
  TALLY_TRY_ASSIGN(auto read, read_note_file(path_));
  if (!read) return std::optional<http::KeptNote>{};
  return std::optional{http::KeptNote{std::move(read->text), read->changed_at}};
}

Result<void> CheckpointFile::keep(const std::string& note) { return write_private_file(path_, note); }

}  // namespace tally::tools
