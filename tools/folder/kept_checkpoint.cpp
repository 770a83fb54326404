#include "tools/folder/kept_checkpoint.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

#include "core/base/limits.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {

using core::Errc;
using core::Result;

Result<std::optional<NoteFile>> read_note_file(const std::string& path) {
  const auto read = read_private_file(path, core::limits::kCheckpointBytesMax);
  if (read.has_error()) {
    const bool is_too_large = read.error().code == Errc::too_large;
    return core::fail(is_too_large ? Errc::corrupt : read.error().code, read.error().detail);
  }
  if (!*read) return std::optional<NoteFile>{};
  std::error_code error;
  const auto changed_at = std::filesystem::last_write_time(path, error);
  if (error) return core::fail(Errc::io_failed, "cannot read " + path + ": " + error.message());
  return std::optional{NoteFile{std::string{(*read)->reveal()},
                                std::chrono::floor<core::Duration>(std::chrono::file_clock::to_sys(changed_at))}};
}

Result<std::optional<KeptCheckpoint>> read_kept_checkpoint(const std::string& data_dir) {
  const std::string path = data_dir + "/checkpoint";
  TALLY_TRY_ASSIGN(const auto file, read_note_file(path));
  if (!file) return std::optional<KeptCheckpoint>{};
  auto note = core::parse_checkpoint(file->text);
  if (note.has_error()) return core::fail(Errc::corrupt, path + ": " + note.error().detail);
  core::Commitment commitment{"checkpoint", note->checkpoint.tree, file->changed_at,
                              core::Commitment::Kind::checkpoint};
  return std::optional{KeptCheckpoint{std::move(*note), std::move(commitment)}};
}

}  // namespace tally::tools
