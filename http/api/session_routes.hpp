#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "http/auth/session_cookie.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/frame/password_door.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// Told who has signed in to a break-glass account, and by which request. May be empty. Threads: any.
using BreakGlassWatch = std::function<void(core::UserId, std::string_view request_id)>;

/// `/v1/session`: sign in, who am I, sign out. Unknown people, deactivated people and wrong passwords cost the same
/// time and get the same answer. The answer tells of at most kPageItemsMax workspaces; `/v1/workspaces` pages through
/// all.
class SessionRoutes {
 public:
  /// `issuer`: the public base URL; its origin is the only one that may sign in, and https makes the cookie Secure.
  /// Lifetime: all of them but the issuer outlive the router's use.
  SessionRoutes(const Gate& gate, const Authenticator& authenticator, const projections::PeopleQueries& people,
                const projections::WorkspaceQueries& workspaces, projections::CommandService& commands,
                const PasswordDoor& door, core::RandomSource& random, const Idempotency& idempotency,
                const std::string& issuer, BreakGlassWatch watch);
  void add_to(Router& router) const;

 private:
  struct Credentials {
    std::string username;
    core::SecretText password;
  };
  [[nodiscard]] Checked<Credentials> read_credentials(const Request& request) const;
  [[nodiscard]] core::Result<std::optional<core::PersonState>> find_person(const std::string& username) const;
  [[nodiscard]] core::Result<void> write_signed_in(const core::PersonState& person, const NewSession& session,
                                                   std::optional<core::Sequence> sequence, Response& response) const;
  [[nodiscard]] core::Result<void> write_who(const core::PersonState& person, Response& response) const;

  boost::asio::awaitable<void> sign_in(const Request& request, Response& response) const;
  Checked<void> who_am_i(const Request& request, Response& response) const;
  boost::asio::awaitable<void> sign_out(const Request& request, Response& response) const;

  const Gate& gate_;
  const Authenticator& authenticator_;
  const projections::PeopleQueries& people_;
  const projections::WorkspaceQueries& workspaces_;
  projections::CommandService& commands_;
  const PasswordDoor& door_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
  const CookieTransport transport_;
  const BreakGlassWatch watch_;
};

}  // namespace tally::http
