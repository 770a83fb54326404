#pragma once

#include "tools/bench/bench.hpp"

namespace tally::tools {

/// The part of the report that is measured over TLS, from servers of its own whose certificates are made on the spot:
/// introspection on kept connections, and new connections with one request each, with full and with resumed handshakes,
/// for both kinds of key. Adds to `report`, which holds the plain figures already. Errors: as run_benchmark.
core::Result<void> benchmark_tls(const BenchmarkOptions& options, const std::string& folder,
                                 const std::function<void(const std::string&)>& tell, Report& report);

}  // namespace tally::tools
