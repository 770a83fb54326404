#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tally::tools {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The names of the process's own variables that begin with `prefix`.
std::vector<std::string> names_in_process_environment(const std::string& prefix);

/// The process's own.
Environment process_environment();

}  // namespace tally::tools
