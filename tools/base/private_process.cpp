#include "tools/base/private_process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace tally::tools {

void keep_files_private() { ::umask(S_IRWXG | S_IRWXO); }

void forbid_core_dumps() {
  // A limit of the kernel's own that is not taken is no reason not to serve.
  const rlimit none{0, 0};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
  static_cast<void>(::prctl(PR_SET_DUMPABLE, 0));
}

}  // namespace tally::tools
