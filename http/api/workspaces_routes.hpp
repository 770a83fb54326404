#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// `/v1/workspaces` and their policies. The operator creates workspaces and sees all of them; everybody else sees those
/// that they are a member of. An admin changes the policy, as a whole.
class WorkspacesRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  WorkspacesRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                   projections::CommandService& commands, const AccessTokens& access_tokens, core::RandomSource& random,
                   const Idempotency& idempotency);
  void add_to(Router& router) const;

 private:
  struct NewWorkspace {
    Caller caller;
    core::CreateWorkspace command;
  };
  [[nodiscard]] Checked<NewWorkspace> read_new_workspace(const Request& request) const;
  struct NewPolicy {
    Caller caller;
    core::ChangePolicy command;
  };
  [[nodiscard]] Checked<NewPolicy> read_new_policy(const Request& request) const;
  struct Listed {
    struct Item {
      core::WorkspaceState workspace;
      std::optional<core::Role> role;  ///< The caller's; absent: no member.
    };
    std::vector<Item> items;
    std::string next;  ///< Empty: these are all.
  };
  [[nodiscard]] Checked<Listed> read_list(const Caller& caller, int limit, const std::string& after) const;
  void write_created(const core::WorkspaceState& workspace, std::optional<core::Sequence> sequence,
                     Response& response) const;
  [[nodiscard]] core::Result<core::WorkspaceState> find(core::WorkspaceId workspace) const;

  boost::asio::awaitable<void> create(const Request& request, Response& response) const;
  Checked<void> list(const Request& request, Response& response) const;
  Checked<void> show(const Request& request, Response& response) const;
  Checked<void> show_policy(const Request& request, Response& response) const;
  boost::asio::awaitable<void> change_policy(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  projections::CommandService& commands_;
  const AccessTokens& access_tokens_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
};

}  // namespace tally::http
