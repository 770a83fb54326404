#include "tools/tallyd/checkpoint_file.hpp"

#include <chrono>
#include <filesystem>

#include "core/base/limits.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {

using core::Result;

Result<std::optional<http::KeptNote>> CheckpointFile::load() const {
  const auto read = read_private_file(path_, core::limits::kCheckpointBytesMax);
  if (read.has_error()) {
    const bool is_too_large = read.error().code == core::Errc::too_large;
    return core::fail(is_too_large ? core::Errc::corrupt : read.error().code, read.error().detail);
  }
  if (!*read) return std::optional<http::KeptNote>{};
  std::error_code error;
  const auto changed_at = std::filesystem::last_write_time(path_, error);
  if (error) return core::fail(core::Errc::io_failed, "cannot read " + path_ + ": " + error.message());
  const auto kept_at = std::chrono::floor<core::Duration>(std::chrono::file_clock::to_sys(changed_at));
  return std::optional{http::KeptNote{std::string{(*read)->reveal()}, kept_at}};
}

Result<void> CheckpointFile::keep(const std::string& note) { return write_private_file(path_, note); }

}  // namespace tally::tools
