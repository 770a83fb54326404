// Preloaded into a program, kills it by SIGKILL just before the DIE_AT-th of its system calls that make something durable, or take
// a file away: so every such moment can be tried, and none is left to timing.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

void count() {
  static const long die_at = [] {
    const char* text = std::getenv("DIE_AT");
    return text == nullptr ? 0 : std::atol(text);
  }();
  static std::atomic<long> calls{0};
  if (die_at > 0 && ++calls == die_at) ::kill(::getpid(), SIGKILL);
}

}  // namespace

extern "C" {

int fsync(int file) {
  count();
  return static_cast<int>(::syscall(SYS_fsync, file));
}
int fdatasync(int file) {
  count();
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}
int unlink(const char* path) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_unlinkat, -100, path, 0));
}
int rename(const char* from, const char* to) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_renameat2, -100, from, -100, to, 0));
}
}
