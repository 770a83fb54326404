#pragma once

#include <string>
#include <vector>

#include "tools/cli/surroundings.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// One run of `tally`. `arguments` without the program's name. Whatever goes wrong is told on surroundings.err.
/// Threads: one.
Exit run_command_line(const std::vector<std::string>& arguments, Surroundings& surroundings);

}  // namespace tally::tools
