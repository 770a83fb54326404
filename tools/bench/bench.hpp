#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tools/bench/report.hpp"

namespace tally::tools {

struct BenchmarkOptions {
  std::string server_program;             ///< Path of tallyd.
  std::string folder;                     ///< Below it the temporary folder is made; empty: the system's.
  std::chrono::milliseconds each{2'000};  ///< How long each operation is driven at each number of connections.
  std::uint64_t tokens = 1'000'000;       ///< Of the large ledger.
  std::uint64_t refreshes_per_token = 4;
  std::uint64_t events = 200'000;  ///< Of the ledger that is started, verified and upgraded.
  std::vector<std::size_t> connections = {1, 16, 64, 256};
  /// Names of kBenchmarkParts; empty: all. disable uses up what generate has made.
  std::vector<std::string> parts;
};

/// What can be measured alone, in the order of a whole run. The last two are without HTTP: what a
/// start, a verification and an upgrade take, and the log and the replay.
inline constexpr std::array<const char*, 10> kBenchmarkParts{"generate", "refresh", "introspect", "list",     "disable",
                                                             "variants", "tls",     "attack",     "evidence", "ledger"};

/// The performance report: starts its own server on a temporary folder, drives it over loopback, measures the log and
/// the replay in this process, and the machine's yardsticks in the same run. Takes some minutes and about 4 GiB of
/// disk. `tell` hears what is going on. Errors: unreachable (server, nginx), io_failed, internal (a wrong answer while
/// setting up).
core::Result<Report> run_benchmark(const BenchmarkOptions& options,
                                   const std::function<void(const std::string&)>& tell);

}  // namespace tally::tools
