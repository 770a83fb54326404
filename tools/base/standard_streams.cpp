#include "tools/base/standard_streams.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace tally::tools {

void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number, which is this one. It lasts as long as the process.
    static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

}  // namespace tally::tools
