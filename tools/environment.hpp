#pragma once

#include <functional>
#include <optional>
#include <string>

namespace tally::tools {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own.
Environment process_environment();

}  // namespace tally::tools
