#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/identity/person_commands.hpp"
#include "http/api/offboarding.hpp"
#include "http/frame/access.hpp"
#include "http/frame/idempotency.hpp"
#include "http/frame/password_door.hpp"
#include "http/server/router.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// `/v1/users`: people. For operators; everybody may read themself and change their own password with the current
/// one. A changed password ends every session of the person.
class UsersRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  UsersRoutes(const Gate& gate, const projections::PeopleQueries& people, const PasswordDoor& door,
              core::RandomSource& random, const Idempotency& idempotency, const Offboarding& offboarding);
  void add_to(Router& router) const;

 private:
  struct NewUser {
    Caller caller;
    core::CreateUser command;
    core::SecretText password;
  };
  [[nodiscard]] Checked<NewUser> read_new_user(const Request& request) const;
  struct Deactivation {
    Caller caller;
    core::DeactivateUser command;
  };
  [[nodiscard]] Checked<Deactivation> read_deactivation(const Request& request) const;
  /// Of an operator, about the person of the path.
  template <class Command>
  struct Order {
    Caller caller;
    Command command;
  };
  [[nodiscard]] Checked<Order<core::ReactivateUser>> read_reactivation(const Request& request) const;
  [[nodiscard]] Checked<Order<core::SetOperator>> read_new_standing(const Request& request) const;
  template <class Command>
  boost::asio::awaitable<void> answer(const Request& request, Order<Command> order, Response& response) const;
  struct NewPassword {
    Caller caller;
    core::PersonState person;
    core::SecretText password;
    core::SecretText current_password;
    bool is_own = false;
    core::VersionCondition expected;
  };
  [[nodiscard]] Checked<NewPassword> read_new_password(const Request& request) const;
  [[nodiscard]] core::Result<core::PersonState> visible_person(const Request& request, const Caller& caller) const;

  boost::asio::awaitable<void> create(const Request& request, Response& response) const;
  Checked<void> list(const Request& request, Response& response) const;
  Checked<void> show(const Request& request, Response& response) const;
  boost::asio::awaitable<void> deactivate(const Request& request, Response& response) const;
  boost::asio::awaitable<void> reactivate(const Request& request, Response& response) const;
  boost::asio::awaitable<void> set_operator(const Request& request, Response& response) const;
  boost::asio::awaitable<void> set_password(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::PeopleQueries& people_;
  const PasswordDoor& door_;
  core::RandomSource& random_;
  const Idempotency& idempotency_;
  const Offboarding& offboarding_;
};

}  // namespace tally::http
