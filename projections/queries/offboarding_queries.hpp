#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

/// What is to be known of people who went. Errors: corrupt, io_failed. Threads: any.
namespace tally::events {
class Store;
}

namespace tally::projections {

/// One part of an ending.
struct Unfinished {
  core::UserId user;
  core::WorkspaceId workspace;  ///< Nil: everywhere.
  auto operator<=>(const Unfinished&) const = default;
};

class OffboardingQueries {
 public:
  explicit OffboardingQueries(const events::Store& store) : store_(store) {}

  /// What still has tokens to stop; at most kPeopleLeavingTold people's.
  [[nodiscard]] core::Result<std::vector<Unfinished>> unfinished() const;

  /// Those workspaces of which the person is an admin and that have no admin who is active; at most
  /// kWorkspacesWithoutAdminTold. Looks at kMembersLookedAtForAdminMax members in all: what is not decided by then is
  /// left out.
  [[nodiscard]] core::Result<std::vector<core::WorkspaceId>> without_admin(core::UserId user) const;
  /// The workspace, if it has no admin who is active; bounded likewise.
  [[nodiscard]] core::Result<std::vector<core::WorkspaceId>> without_admin(core::WorkspaceId workspace) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
