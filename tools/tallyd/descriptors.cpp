#include "tools/tallyd/descriptors.hpp"

#include <algorithm>
#include <string>
#include <sys/resource.h>

namespace tally::tools {
namespace {

/// 512 tables, and as many for logs, new tables, the server's own files and connections that are only refused.
constexpr std::size_t kStoreReserve = 1024;
constexpr std::size_t kStoreReserveMin = 320;
constexpr std::size_t kConnectionsMin = 64;

}  // namespace

core::Result<DescriptorPlan> plan_descriptors(std::size_t limit, std::size_t connections_wanted) {
  const std::size_t reserve = std::clamp(limit / 2, kStoreReserveMin, kStoreReserve);
  if (limit < reserve + kConnectionsMin) {
    return core::fail(core::Errc::bad_configuration,
                      "connections_max: this process may have " + std::to_string(limit) + " files open, and " +
                          std::to_string(reserve + kConnectionsMin) +
                          " is the least: raise the hard limit (ulimit -Hn, LimitNOFILE= of a unit)");
  }
  return DescriptorPlan{limit, reserve / 2, std::min(connections_wanted, limit - reserve)};
}

core::Result<std::size_t> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return core::fail(core::Errc::io_failed, "the number of files that may be open can not be read");
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace tally::tools
