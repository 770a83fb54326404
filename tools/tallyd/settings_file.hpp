#pragma once

#include <string>

#include "core/base/result.hpp"

namespace tally::tools {

/// The text of the file that --config names. Errors: bad_configuration (missing, no file but a folder or a pipe, larger
/// than 1 MiB, unreadable); the detail says which.
core::Result<std::string> read_settings_file(const std::string& path);

}  // namespace tally::tools
