#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Ends tokens: one or several by id, disabled or deleted, and the emergency cut-off by time. Owners end their own,
/// admins everybody's. Access tokens already issued run out by themselves unless `access` says `revoke`.
class TokenStoppingRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  TokenStoppingRoutes(const Gate& gate, const projections::TokenQueries& tokens,
                      const projections::PeopleQueries& people, projections::CommandService& commands,
                      core::RandomSource& random, const Idempotency& idempotency);
  void add_to(Router& router) const;

 private:
  /// What one call is to stop. Its form is that of both commands.
  template <class Command>
  struct Stop {
    Access access;
    Command command;
  };
  [[nodiscard]] Checked<Stop<core::DisableTokens>> read_disable(const Request& request) const;
  [[nodiscard]] Checked<Stop<core::DeleteTokens>> read_delete(const Request& request) const;
  template <class Command>
  [[nodiscard]] Checked<Stop<Command>> read_batch(const Request& request) const;
  [[nodiscard]] Checked<Stop<core::DisableIssuedBefore>> read_cut_off(const Request& request) const;
  /// Those ids that are of tokens which the caller may know of: what others say never takes the writer's time.
  [[nodiscard]] core::Result<std::vector<core::TokenId>> visible_of(const Access& access,
                                                                    const std::vector<core::TokenId>& ids) const;
  [[nodiscard]] core::Result<void> write_disabled(const core::DisableTokens::Outcome& outcome,
                                                  std::optional<core::Sequence> sequence, Response& response) const;

  boost::asio::awaitable<void> disable(const Request& request, Response& response) const;
  boost::asio::awaitable<void> remove(const Request& request, Response& response) const;
  template <class Command>
  boost::asio::awaitable<void> stop_batch(const Request& request, Response& response) const;
  /// Moves the command over what it has nothing to do for, a look a turn. False: there is nothing more. Errors:
  /// stopping (also if the client has gone).
  boost::asio::awaitable<core::Result<bool>> pass_the_dead(core::DisableIssuedBefore& command,
                                                           const Request& request) const;
  boost::asio::awaitable<void> disable_issued_before(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
};

}  // namespace tally::http
