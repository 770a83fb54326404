#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/state/workspace.hpp"

namespace tally::core {

/// What a command's caller is: in its workspace, if it has one, and to the server. From it the deciders tell what they
/// may.
struct CallerRights {
  UserId user;
  std::optional<Role> role;  ///< Absent: no member.
  bool is_operator = false;
  bool is_active = true;
};

}  // namespace tally::core
