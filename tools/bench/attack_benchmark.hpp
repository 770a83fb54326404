#pragma once

#include <functional>
#include <string>

#include "tools/bench/bench.hpp"

namespace tally::tools {

/// What honest callers notice of an attacker beside them: each kind of attack by a member, an admin or nobody of
/// another workspace for `options.each`, while one connection each signs in, refreshes, introspects and asks who it is.
/// The server has its usual limits. About half a minute with two seconds each. Errors: as run_benchmark.
core::Result<void> benchmark_attacks(const BenchmarkOptions& options, const std::string& folder,
                                     const std::function<void(const std::string&)>& tell, Report& report);

}  // namespace tally::tools
