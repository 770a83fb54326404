#pragma once

#include <functional>
#include <string>

#include "tools/bench/bench.hpp"

namespace tally::tools {

/// What a refresh costs with a DPoP proof, and refreshing and introspecting with opaque access tokens, at 64
/// connections, on a server of its own. Errors: as run_benchmark.
core::Result<void> benchmark_variants(const BenchmarkOptions& options, const std::string& folder,
                                      const std::function<void(const std::string&)>& tell, Report& report);

}  // namespace tally::tools
