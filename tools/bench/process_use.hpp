#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>

/// What a process has used, as Linux counts it in /proc. Source: proc_pid_stat(5), proc_pid_io(5).
namespace tally::tools {

struct ProcessUse {
  /// Of all its threads, and of the kernel for them; in steps of a clock tick, 10 ms as a rule.
  std::chrono::milliseconds processor{0};
  /// read(2) and write(2) and their kin (pread, writev, …) on files, pipes and eventfds. What is sent and
  /// received on sockets by send(2) and recv(2) is not counted, nor is any other call: getrandom, futex, epoll_wait,
  /// fdatasync.
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;

  ProcessUse operator-(const ProcessUse& earlier) const {
    return {processor - earlier.processor, reads - earlier.reads, writes - earlier.writes};
  }
  bool operator==(const ProcessUse&) const = default;
};

/// Out of the texts of /proc/PID/stat and /proc/PID/io; empty: they are not of that form.
std::optional<ProcessUse> read_process_use(std::string_view stat, std::string_view io, long ticks_per_second);

/// What was used between two looks; empty if one of them has failed.
inline std::optional<ProcessUse> used_between(const std::optional<ProcessUse>& before,
                                              const std::optional<ProcessUse>& after) {
  return before && after ? std::optional{*after - *before} : std::nullopt;
}

/// So far. Empty: it cannot be read (no such process, or none of ours).
std::optional<ProcessUse> use_of_process(pid_t id);

}  // namespace tally::tools
