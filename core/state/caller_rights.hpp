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

/// Whether somebody of that role in a workspace (absent: no member) knows of what `owner` has there: the owner, an
/// admin, an auditor.
inline bool may_see(std::optional<Role> role, UserId user, UserId owner) {
  return role.has_value() && (user == owner || sees_all(*role));
}

}  // namespace tally::core
