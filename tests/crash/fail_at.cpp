// Preloaded into a program, counts its system calls that change files in the folder STEP_FOLDER, and meddles with the
// n-th: DIE_AT_STEP kills the process just before it, FAIL_AT_STEP lets it fail with EIO, once. So every moment can be
// tried, and none is left to timing.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

std::array<std::atomic<bool>, 4'096> watched{};

/// How long each file was when it was synced last.
class SyncedSizes {
 public:
  void created(const std::string& path) {
    const std::lock_guard lock{mutex_};
    sizes_[path] = 0;
  }
  void synced(int file) {
    const std::string path = path_of(file);
    struct stat found{};
    if (path.empty() || ::fstat(file, &found) != 0) return;
    const std::lock_guard lock{mutex_};
    if (const auto at = sizes_.find(path); at != sizes_.end()) at->second = found.st_size;
    replaced_.erase(path);
  }
  /// What stands there until now comes back by a power cut before the next sync.
  void replaces(int file, off_t at, std::size_t size) {
    const std::string path = path_of(file);
    std::string before(size, '\0');
    const ssize_t count = ::pread(file, before.data(), size, at);
    if (path.empty() || count <= 0) return;
    before.resize(static_cast<std::size_t>(count));
    const std::lock_guard lock{mutex_};
    replaced_[path].push_back({at, std::move(before)});
  }
  /// A file, or a folder with all that is in it.
  void renamed(const std::string& from, const std::string& to) {
    const std::lock_guard lock{mutex_};
    replaced_.erase(to);
    std::map<std::string, off_t> sizes;
    for (const auto& [path, size] : sizes_) {
      const bool is_moved = path == from || path.rfind(from + "/", 0) == 0;
      if (is_moved) sizes[to + path.substr(from.size())] = size;
      if (!is_moved && path != to) sizes[path] = size;
    }
    sizes_ = std::move(sizes);
  }
  /// `leaves_garbage`: a write-ahead log keeps its size, and what was not synced of it is what the disk makes of it.
  void cut(bool leaves_garbage, unsigned seed) {
    const std::lock_guard lock{mutex_};
    for (const auto& [path, size] : sizes_) {
      struct stat found{};
      if (::stat(path.c_str(), &found) != 0 || found.st_size <= size) continue;
      const bool is_log = path.size() > 4 && path.compare(path.size() - 4, 4, ".log") == 0;
      if (leaves_garbage && is_log) {
        spoil(path, size, found.st_size, seed);
      } else if (::truncate(path.c_str(), size) != 0) {
        std::abort();
      }
    }
    for (auto& [path, pieces] : replaced_) {
      const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY, 0));
      for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
        ::syscall(SYS_pwrite64, file, piece->bytes.data(), piece->bytes.size(), piece->at);
      }
    }
  }

 private:
  struct Piece {
    off_t at;
    std::string bytes;
  };

  /// Each sector is as it was written, zeros, or anything.
  static void spoil(const std::string& path, off_t from, off_t to, unsigned seed) {
    constexpr off_t kSectorBytes = 512;
    const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY, 0));
    for (off_t at = from; at < to;) {
      const off_t end = std::min(to, (at / kSectorBytes + 1) * kSectorBytes);
      std::string bytes(static_cast<std::size_t>(end - at), '\0');
      const int kind = ::rand_r(&seed) % 3;
      for (char& byte : bytes) byte = kind == 1 ? '\0' : static_cast<char>(::rand_r(&seed));
      if (kind != 0) ::syscall(SYS_pwrite64, file, bytes.data(), bytes.size(), at);
      at = end;
    }
  }

  static std::string path_of(int file) {
    std::array<char, 4'096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
    return size < 0 ? std::string{} : std::string(path.data(), static_cast<std::size_t>(size));
  }

  std::mutex mutex_;
  std::map<std::string, off_t> sizes_;
  std::map<std::string, std::vector<Piece>> replaced_;  ///< Since the last sync, the oldest first.
};

SyncedSizes& sizes() {
  static auto* const made = new SyncedSizes;  // outlives every destructor that still closes files
  return *made;
}

long number_of(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

bool is_inside(const char* path) {
  static const char* const folder = std::getenv("STEP_FOLDER");
  return folder != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_watched(int file) { return file >= 0 && static_cast<std::size_t>(file) < watched.size() && watched[file]; }

/// A call that changes a file, while it lasts: nobody is in one when a power cut takes what was not synced.
class Step {
 public:
  Step() {
    static const long die_at = number_of("DIE_AT_STEP");
    static const long fail_at = number_of("FAIL_AT_STEP");
    static std::atomic<long> steps{0};
    const long step = ++steps;
    if (step == die_at) die();
    gate().lock_shared();
    fails_ = step == fail_at;
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() { gate().unlock_shared(); }

  /// Says so by errno, too.
  [[nodiscard]] bool fails() const {
    if (fails_) errno = EIO;
    return fails_;
  }

 private:
  static std::shared_mutex& gate() {
    static auto* const made = new std::shared_mutex;
    return *made;
  }
  static void die() {
    gate().lock();
    const char* cut = std::getenv("POWER_CUT");
    const bool leaves_garbage = cut != nullptr && std::strcmp(cut, "garbage") == 0;
    if (cut != nullptr) sizes().cut(leaves_garbage, static_cast<unsigned>(number_of("DIE_AT_STEP")));
    ::kill(::getpid(), SIGKILL);
  }

  bool fails_ = false;
};

int open_file(const char* path, int flags, mode_t mode) {
  const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (file >= 0 && static_cast<std::size_t>(file) < watched.size()) watched[file] = is_inside(path);
  return file;
}

int open_at(const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) == 0 || !is_inside(path)) return open_file(path, flags, mode);
  const Step step;
  if (step.fails()) return -1;
  const int file = open_file(path, flags, mode);
  if (file >= 0 && (flags & O_TRUNC) != 0) sizes().created(path);
  return file;
}

int sync_file(long call, int file) {
  if (!is_watched(file)) return static_cast<int>(::syscall(call, file));
  const Step step;
  if (step.fails()) return -1;
  const int outcome = static_cast<int>(::syscall(call, file));
  if (outcome == 0) sizes().synced(file);
  return outcome;
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
  if (!is_watched(file)) return ::syscall(SYS_write, file, bytes, size);
  const Step step;
  return step.fails() ? -1 : ::syscall(SYS_write, file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  if (!is_watched(file)) return ::syscall(SYS_pwrite64, file, bytes, size, at);
  const Step step;
  if (step.fails()) return -1;
  sizes().replaces(file, at, size);
  return ::syscall(SYS_pwrite64, file, bytes, size, at);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off_t at) { return pwrite(file, bytes, size, at); }
int fsync(int file) { return sync_file(SYS_fsync, file); }
int fdatasync(int file) { return sync_file(SYS_fdatasync, file); }
int unlink(const char* path) noexcept {
  if (!is_inside(path)) return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
  const Step step;
  return step.fails() ? -1 : static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
int mkdir(const char* path, mode_t mode) noexcept {
  if (!is_inside(path)) return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
  const Step step;
  return step.fails() ? -1 : static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
int rename(const char* from, const char* to) noexcept {
  if (!is_inside(to)) return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  const Step step;
  if (step.fails()) return -1;
  const int outcome = static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  if (outcome == 0) sizes().renamed(from, to);
  return outcome;
}
}
