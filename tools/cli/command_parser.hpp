#pragma once

#include <string>
#include <vector>

#include "tools/cli/command_spec.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// What a command line asks for.
struct ParsedCommandLine {
  const CommandSpec* chosen = nullptr;  ///< One of the given commands, with its targets filled. Null: see `told`.
  std::string told = {};                ///< Of --help and --version: to be printed, and nothing else done.
};

/// Reads `arguments`, without the program's name, by the commands of `root`. `version`: what --version tells. A command
/// is given the root's options before or behind its word. The one place that knows CLI11.
/// Errors: usage (what is wrong, and whose help says how it goes).
Attempt<ParsedCommandLine> parse_command_line(const CommandSpec& root, const std::string& version,
                                              const std::vector<std::string>& arguments);

}  // namespace tally::tools
