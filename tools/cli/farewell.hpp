#pragma once

#include <string>

#include "tools/cli/api.hpp"
#include "tools/cli/command_spec.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {

/// Whom to let go, and how: of `user deactivate` and `workspace members remove`.
struct FarewellOptions {
  std::string user;
  std::string access;  ///< Empty: as the server does by itself.
  std::string reason;
};
void add_farewell_options(CommandSpec& command, FarewellOptions& options);

/// Says `said`, then what came of it and when the last access token is dead where.
void show_farewell(Context& context, const std::string& said, const ApiAnswer& answer);

}  // namespace tally::tools
