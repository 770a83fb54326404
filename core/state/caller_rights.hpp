#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/state/workspace.hpp"

namespace tally::core {

/// What the caller is in the workspace of the command; absent role: not a member.
struct CallerRights {
  UserId user;
  std::optional<Role> role;
  bool is_operator = false;
  bool is_active = true;
};

}  // namespace tally::core
