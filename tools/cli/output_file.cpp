#include "tools/cli/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <climits>

namespace tally::tools {
namespace {

constexpr int kLinksFollowedMax = 40;  // As Linux does.
constexpr mode_t kPermissions = 07777;

bool is_same_file(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

bool is_open_as(int descriptor, const struct stat& found) {
  struct stat open{};
  return ::fstat(descriptor, &open) == 0 && is_same_file(open, found);
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path().string();
  return folder.empty() ? "." : folder;
}

/// The path at the end of a chain of symbolic links, which need not be there. Empty: the chain has no end.
std::optional<std::string> behind_links(std::string path) {
  for (int followed = 0; followed < kLinksFollowedMax; ++followed) {
    std::string text(PATH_MAX, '\0');
    const ssize_t bytes = ::readlink(path.c_str(), text.data(), text.size());
    if (bytes < 0) return path;  // No link, or nothing at all.
    text.resize(static_cast<std::size_t>(bytes));
    path = text.starts_with('/') ? text : folder_of(path) + "/" + text;
  }
  return std::nullopt;
}

}  // namespace

Attempt<std::unique_ptr<OutputFile>> OutputFile::open(const std::string& path, std::ostream& standard_output,
                                                      Existing existing) {
  std::unique_ptr<OutputFile> file{new OutputFile{path, existing}};
  struct stat found{};
  const bool is_there = path != "-" && ::stat(path.c_str(), &found) == 0;
  if (path == "-" || (is_there && is_open_as(STDOUT_FILENO, found))) {
    file->standard_output_ = &standard_output;
    return file;
  }
  if (is_there && S_ISDIR(found.st_mode)) return file->failure(EISDIR);
  if (is_there && (!S_ISREG(found.st_mode) || is_open_as(STDERR_FILENO, found))) {
    TALLY_TRY(file->write_through(O_APPEND));
    return file;
  }
  if (is_there && existing == Existing::refused) return Failure{Exit::refused, "there is a " + path + " already"};
  const auto target = behind_links(path);
  if (!target) return file->failure(ELOOP);
  struct stat behind{};
  // A file under /proc that has no name any more, for one.
  const bool has_name = ::lstat(target->c_str(), &behind) == 0 && is_same_file(found, behind);
  if (is_there && !has_name) {
    TALLY_TRY(file->write_through(O_TRUNC));
  } else {
    TALLY_TRY(file->begin_beside(*target));
  }
  return file;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!is_kept_ && is_regular()) ::unlink(temporary_.c_str());
}

Attempt<void> OutputFile::write_through(int flags) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags);
  if (descriptor_ < 0) return failure(errno);
  return {};
}

Attempt<void> OutputFile::begin_beside(const std::string& target) {
  std::string name = folder_of(target) + "/.tally-XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);  // Of mode 0600.
  if (descriptor_ < 0) return failure(errno);
  target_ = target;
  temporary_ = std::move(name);
  return {};
}

Attempt<void> OutputFile::write(std::string_view piece) {
  if (standard_output_ != nullptr) {
    standard_output_->write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return standard_output_->good() ? Attempt<void>{} : failure(EIO);
  }
  while (!piece.empty()) {
    const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(errno);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// Asked when the file is about to be replaced: it may have been changed meanwhile.
void OutputFile::keep_mode_of_replaced() {
  struct stat replaced{};
  if (::stat(target_.c_str(), &replaced) != 0) return;
  mode_t mode = replaced.st_mode & kPermissions;
  // Only root gives files away. What another group could not read, ours shall not.
  const bool is_of_group = ::fchown(descriptor_, static_cast<uid_t>(-1), replaced.st_gid) == 0;
  if (!is_of_group) mode &= ~static_cast<mode_t>(S_IRWXG);
  if (::fchown(descriptor_, replaced.st_uid, static_cast<gid_t>(-1)) != 0) mode &= ~static_cast<mode_t>(S_ISUID);
  ::fchmod(descriptor_, mode);
}

Attempt<void> OutputFile::keep() {
  if (standard_output_ != nullptr) {
    standard_output_->flush();
    return standard_output_->good() ? Attempt<void>{} : failure(EIO);
  }
  if (is_regular()) {
    keep_mode_of_replaced();
    if (::fsync(descriptor_) != 0) return failure(errno);
  }
  // The one moment at which some file systems tell of a failed write.
  if (::close(std::exchange(descriptor_, -1)) != 0) return failure(errno);
  return is_regular() ? rename_into_place() : Attempt<void>{};
}

// A folder that can not be opened, or does not know what it is to be synced, keeps its names as it does.
Attempt<void> OutputFile::rename_into_place() {
  const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const unsigned flags = existing_ == Existing::refused ? RENAME_NOREPLACE : 0;
  int renamed = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), flags);
  // Not every file system knows the flag; whether the file is there was asked at the beginning.
  if (renamed != 0 && errno == EINVAL) renamed = std::rename(temporary_.c_str(), target_.c_str());
  const int error = errno;
  is_kept_ = renamed == 0;
  if (is_kept_ && folder >= 0) ::fsync(folder);
  if (folder >= 0) ::close(folder);
  return is_kept_ ? Attempt<void>{} : failure(error);
}

Failure OutputFile::failure(int error_number) const {
  const std::string where = is_standard_output() ? "to standard output" : path_;
  return {Exit::refused, "cannot write " + where + ": " + std::strerror(error_number)};
}

}  // namespace tally::tools
