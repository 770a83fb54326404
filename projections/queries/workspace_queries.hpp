#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/state/person.hpp"
#include "core/state/workspace.hpp"
#include "projections/queries/page.hpp"

namespace tally::events {
class Store;
}

/// What can be asked of workspaces, their members and resource servers. Every function reads one snapshot. Absent is an
/// empty optional; Errors: corrupt, io_failed; others are named. Threads: any.
namespace tally::projections {

struct Membership {
  core::MemberState member;
  core::WorkspaceState workspace;
};
struct MemberRecord {
  core::MemberState member;
  core::PersonState person;
};

class WorkspaceQueries {
 public:
  explicit WorkspaceQueries(const events::Store& store) : store_(store) {}
  core::Result<std::optional<core::WorkspaceState>> find(core::WorkspaceId workspace) const;
  core::Result<Page<core::WorkspaceState>> list(int limit, const std::string& after) const;
  core::Result<std::optional<core::MemberState>> find_member(core::WorkspaceId workspace, core::UserId user) const;
  core::Result<Page<MemberRecord>> list_members(core::WorkspaceId workspace, int limit, const std::string& after) const;
  core::Result<Page<Membership>> memberships_of(core::UserId user, int limit, const std::string& after) const;
  core::Result<std::optional<core::ResourceServerState>> find_resource_server(core::WorkspaceId workspace,
                                                                              core::ResourceServerId id) const;
  core::Result<Page<core::ResourceServerState>> list_resource_servers(core::WorkspaceId workspace, int limit,
                                                                      const std::string& after) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
