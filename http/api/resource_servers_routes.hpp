#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// `/v1/workspaces/{workspace}/resource-servers`: the APIs that accept the workspace's access tokens. For admins. The
/// secret is in the answer that creates one, and nowhere else.
class ResourceServersRoutes {
 public:
  /// Lifetime: all of them but the issuer outlive the router's use.
  ResourceServersRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                        projections::CommandService& commands, core::RandomSource& random,
                        const Idempotency& idempotency, std::string issuer);
  void add_to(Router& router) const;

 private:
  struct NewServer {
    Caller caller;
    core::AddResourceServer command;
    core::OpaqueSecret secret;
  };
  [[nodiscard]] Checked<NewServer> read_new_server(const Request& request) const;

  boost::asio::awaitable<void> create(const Request& request, Response& response) const;
  Checked<void> list(const Request& request, Response& response) const;
  boost::asio::awaitable<void> remove(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::WorkspaceQueries& workspaces_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
  std::string issuer_;  // constant after construction
};

}  // namespace tally::http
