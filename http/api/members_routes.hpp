#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/api/offboarding.hpp"
#include "http/frame/access.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// `/v1/workspaces/{workspace}/members`: who belongs to it, in which role. For admins and the operator. Whoever is
/// removed loses all their tokens there.
class MembersRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  MembersRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                const projections::PeopleQueries& people, projections::CommandService& commands,
                core::RandomSource& random, const Offboarding& offboarding);
  void add_to(Router& router) const;

 private:
  struct NewRole {
    Caller caller;
    core::PutMember command;
  };
  struct Removal {
    Caller caller;
    core::RemoveMember command;
  };
  [[nodiscard]] Checked<NewRole> read_new_role(const Request& request) const;
  [[nodiscard]] Checked<Removal> read_removal(const Request& request) const;

  Checked<void> list(const Request& request, Response& response) const;
  boost::asio::awaitable<void> put(const Request& request, Response& response) const;
  boost::asio::awaitable<void> remove(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
  const Offboarding& offboarding_;
};

}  // namespace tally::http
