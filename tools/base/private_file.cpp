#include "tools/base/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;

core::Error system_error(const std::string& what, const std::string& path) {
  const int number = errno;
  return core::fail(number == ENOSPC || number == EDQUOT ? Errc::no_space : Errc::io_failed,
                    what + " " + path + ": " + std::strerror(number));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }
  /// The one moment at which some file systems tell of a failed write.
  bool close() { return ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<void> check_owner(const struct stat& found, const std::string& path) {
  struct stat folder{};
  if (::stat(folder_of(path).c_str(), &folder) != 0) return system_error("cannot read", folder_of(path));
  if (!S_ISREG(found.st_mode)) return core::fail(Errc::forbidden, path + " is no file");
  if (found.st_uid == folder.st_uid) return {};
  return core::fail(Errc::forbidden, path + " must belong to the owner of its folder: chown --reference=" +
                                         folder_of(path) + " " + path);
}

/// Asks the open file, so that nobody can put another one in its place in between.
Result<void> check_readers(const File& file, const std::string& path, Readers readers) {
  if (readers == Readers::any) return {};
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) return system_error("cannot read", path);
  const mode_t forbidden = readers == Readers::owner_and_group ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((found.st_mode & forbidden) != 0) {
    const char* mode = readers == Readers::owner_and_group ? "640" : "600";
    return core::fail(Errc::forbidden, path + " can be read by others: chmod " + mode + " " + path);
  }
  return readers == Readers::folder_owner ? check_owner(found, path) : Result<void>{};
}

Result<void> sync_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const File opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open() || ::fsync(opened.get()) != 0) return system_error("cannot sync the folder", folder);
  return {};
}

}  // namespace

Result<void> make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_folder_of(path);
  struct stat found{};
  if (errno == EEXIST && ::stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return {};
    errno = ENOTDIR;
  }
  return system_error("cannot make the folder", path);
}

Result<void> make_private_folders(const std::string& path) {
  std::filesystem::path so_far;
  for (const std::filesystem::path& part : std::filesystem::path{path}) {
    so_far /= part;
    std::error_code error;
    if (!std::filesystem::is_directory(so_far, error)) TALLY_TRY(make_private_folder(so_far.string()));
  }
  return {};
}

Result<void> write_private_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  File file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.is_open()) return system_error("cannot create", temporary);
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0 || !file.close()) {
    const core::Error error = system_error("cannot write", temporary);
    ::unlink(temporary.c_str());
    return error;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("cannot rename to", path);
  return sync_folder_of(path);
}

Result<void> move_private_folder(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot rename to", to);
  return sync_folder_of(to);
}

Result<void> remove_private_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_folder_of(path);
  if (errno == ENOENT) return {};
  return system_error("cannot remove", path);
}

Result<std::optional<core::SecretText>> read_private_file(const std::string& path, std::size_t bytes_max,
                                                          Readers readers) {
  // Nothing that waits for a writer, and no way out of the folder.
  const int strictly = readers == Readers::folder_owner ? O_NOFOLLOW | O_NONBLOCK : 0;
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | strictly)};
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<core::SecretText>{};
    return system_error("cannot read", path);
  }
  TALLY_TRY(check_readers(file, path, readers));
  std::string content(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t taken = ::read(file.get(), content.data() + size, content.size() - size);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return system_error("cannot read", path);
    if (taken == 0) break;
    size += static_cast<std::size_t>(taken);
  }
  if (size > bytes_max)
    return core::fail(Errc::too_large, path + " is larger than " + std::to_string(bytes_max) + " bytes");
  // Cut without moving the bytes elsewhere: the one copy is wiped with the SecretText.
  content.resize(size);
  return std::optional<core::SecretText>{core::SecretText{std::move(content)}};
}

}  // namespace tally::tools
