#pragma once

#include "tools/bench/bench.hpp"

namespace tally::tools {

/// The part of the report that needs a large ledger: appends and replay in this process, bytes on disk, and the memory
/// of a server that serves it. Adds to `report`. Errors: as run_benchmark.
core::Result<void> benchmark_ledger(const BenchmarkOptions& options, const std::string& folder,
                                    const std::function<void(const std::string&)>& tell, Report& report);

}  // namespace tally::tools
