#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "tools/bench/process_use.hpp"

namespace tally::tools {

/// A program that this one started. Its end is asked for (SIGTERM) and waited for when the object goes.
class ChildProcess {
 public:
  /// `environment` is added to ours ("NAME=value"); standard error goes to `error_file`.
  /// Errors: unreachable (the program cannot be started).
  static core::Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                          const std::vector<std::string>& environment, const std::string& error_file);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  /// The next line of its standard output, without the line feed. Errors: unreachable (it ended).
  core::Result<std::string> read_line();
  /// Resident memory in bytes: VmRSS of /proc. 0 if it cannot be read.
  [[nodiscard]] std::uint64_t resident_bytes() const;
  /// So far. Empty if it cannot be read.
  [[nodiscard]] std::optional<ProcessUse> use() const;
  /// SIGTERM, then waits for the end.
  void stop();

 private:
  ChildProcess(pid_t id, int output) : id_(id), output_(output) {}
  pid_t id_;
  int output_;
  std::string read_ahead_;
};

/// A folder below the system's temporary one (or `parent`), removed with all that is in it when the object goes.
class TemporaryFolder {
 public:
  /// Errors: io_failed.
  static core::Result<TemporaryFolder> make(const std::string& parent);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace tally::tools
