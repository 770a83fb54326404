#include "tools/tallyd/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace tally::tools {
namespace {

constexpr int kPreferredNice = -10;
constexpr int kYieldingNice = 5;
constexpr int kLastNice = 19;

bool be_this_nice(int nice) { return ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice) == 0; }

}  // namespace

bool prefer_this_thread() { return be_this_nice(kPreferredNice); }

bool yield_to_others() { return be_this_nice(kYieldingNice); }

bool run_last() { return be_this_nice(kLastNice); }

}  // namespace tally::tools
