#include "events/rocks/rocks_new_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "events/rocks/rocks_database.hpp"

namespace tally::events {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstManifest = "MANIFEST-000001";

core::Error io_error(const std::string& path, const std::string& what) {
  return core::fail(core::Errc::io_failed, path + ": " + what);
}

bool holds_rows(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::path extension = entry.path().extension();
  return extension == ".sst" || (extension == ".log" && entry.file_size(error) > 0);
}

core::Result<void> sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_error(folder, std::strerror(errno));
  const int outcome = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  if (outcome != 0) return io_error(folder, std::strerror(number));
  return {};
}

}  // namespace

bool has_been_a_ledger(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder, error}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".sst") || name.ends_with(".log")) return true;
    if (name.starts_with("MANIFEST-") && name != kFirstManifest) return true;
  }
  return false;
}

core::Result<void> clear_unfinished(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator{folder, error}) {
    if (holds_rows(entry)) {
      return core::fail(core::Errc::corrupt, folder + " is where a new ledger is made, and holds rows (" +
                                                 entry.path().filename().string() +
                                                 "), which no interrupted start leaves: move it elsewhere");
    }
    if (entry.path().filename() != kLockName) left.push_back(entry.path());
  }
  for (const fs::path& path : left) {
    if (!error) fs::remove_all(path, error);
  }
  if (error) return io_error(folder, error.message());
  return {};
}

core::Result<void> put_in_place(const std::string& unfinished, const std::string& place) {
  if (std::rename(unfinished.c_str(), place.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) {
      return core::fail(core::Errc::locked, place + " was made by another process meanwhile");
    }
    return io_error(place, std::strerror(errno));
  }
  const std::string parent = fs::path{place}.parent_path().string();
  return sync_folder(parent.empty() ? "." : parent);
}

}  // namespace tally::events
