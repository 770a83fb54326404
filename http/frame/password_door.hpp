#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/state/person.hpp"
#include "http/auth/caller.hpp"
#include "http/frame/password_pool.hpp"
#include "http/server/request.hpp"
#include "http/watch/request_limits.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::http {

/// A password that somebody typed, and whose it is said to be.
struct PasswordClaim {
  std::string username;  ///< As it was typed, or the person's.
  core::SecretText password;
  std::optional<core::PersonState> person;  ///< Empty: nobody has that name, which costs the same time.
  std::optional<Caller> caller;             ///< Who else has proved to be that person; empty: nobody yet.
};

/// The one door of every comparison of a password: it asks the limit of failed sign-ins of that name from that address,
/// waits for its turn at hashing, counts a wrong one, forgives for a right one, and records what was wrong
/// (SignInFailed, kSignInFailuresRecordedPerMinute at most). An attempt that was not compared is not counted. New
/// passwords are hashed by the same turns. Threads: any.
class PasswordDoor {
 public:
  /// Lifetime: all of them outlive it.
  PasswordDoor(PasswordPool& pool, RequestLimits& limits, projections::CommandService& commands,
               core::RandomSource& random)
      : pool_(pool), limits_(limits), commands_(commands), random_(random) {}

  /// Whether the password is that of the person, who may sign in. Errors: rate_limited, overloaded. Lifetime: `request`
  /// outlives the call.
  boost::asio::awaitable<core::Result<bool>> passes(const Request& request, PasswordClaim claim) const;
  /// A verifier of a new password, asked for by whoever has that name. Errors, Lifetime: as passes().
  boost::asio::awaitable<core::Result<std::string>> make_verifier(const Request& request, std::string username,
                                                                  core::SecretText password) const;

 private:
  void record_failure(const Request& request, const core::PersonState& person,
                      const std::optional<Caller>& caller) const;

  PasswordPool& pool_;
  RequestLimits& limits_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
};

}  // namespace tally::http
