// Preloaded into a program, counts its system calls that change files in the folder STEP_FOLDER, and meddles with the
// n-th: DIE_AT_STEP kills the process just before it, FAIL_AT_STEP lets it fail with EIO, once. So every moment can be
// tried, and none is left to timing.
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::array<std::atomic<bool>, 4'096> watched{};

long number_of(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

bool is_inside(const char* path) {
  static const char* const folder = std::getenv("STEP_FOLDER");
  return folder != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_watched(int file) { return file >= 0 && static_cast<std::size_t>(file) < watched.size() && watched[file]; }

/// True: this step fails.
bool fails() {
  static const long die_at = number_of("DIE_AT_STEP");
  static const long fail_at = number_of("FAIL_AT_STEP");
  static std::atomic<long> steps{0};
  const long step = ++steps;
  if (step == die_at) ::kill(::getpid(), SIGKILL);
  if (step != fail_at) return false;
  errno = EIO;
  return true;
}

int open_at(const char* path, int flags, mode_t mode) {
  const bool is_ours = (flags & O_CREAT) != 0 && is_inside(path);
  if (is_ours && fails()) return -1;
  const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (file >= 0 && static_cast<std::size_t>(file) < watched.size()) watched[file] = is_inside(path);
  return file;
}

mode_t mode_of(int flags, std::va_list arguments) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(path, flags, mode);
}
int close(int file) {
  if (is_watched(file)) watched[file] = false;
  return static_cast<int>(::syscall(SYS_close, file));
}
ssize_t write(int file, const void* bytes, size_t size) {
  if (is_watched(file) && fails()) return -1;
  return ::syscall(SYS_write, file, bytes, size);
}
int fsync(int file) {
  if (is_watched(file) && fails()) return -1;
  return static_cast<int>(::syscall(SYS_fsync, file));
}
int fdatasync(int file) {
  if (is_watched(file) && fails()) return -1;
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}
int unlink(const char* path) noexcept {
  if (is_inside(path) && fails()) return -1;
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
int mkdir(const char* path, mode_t mode) noexcept {
  if (is_inside(path) && fails()) return -1;
  return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
int rename(const char* from, const char* to) noexcept {
  if (is_inside(to) && fails()) return -1;
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
}
