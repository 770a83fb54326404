#include "tools/tallyd/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace tally::tools {
namespace {

constexpr int kPreferredNice = -10;

}  // namespace

bool prefer_this_thread() { return ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kPreferredNice) == 0; }

}  // namespace tally::tools
