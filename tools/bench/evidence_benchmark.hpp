#pragma once

#include "tools/bench/bench.hpp"

namespace tally::tools {

/// The part of the report about a ledger's evidence: what a start looks at, the verification of a folder, and the pass
/// that makes the tiles of an earlier storage version; in this process, on a ledger of `options.events`. Adds to
/// `report`. Errors: as run_benchmark.
core::Result<void> benchmark_evidence(const BenchmarkOptions& options, const std::string& folder,
                                      const std::function<void(const std::string&)>& tell, Report& report);

}  // namespace tally::tools
