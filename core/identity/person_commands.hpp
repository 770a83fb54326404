#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/version_condition.hpp"
#include "core/state/offboarding.hpp"
#include "core/state/person.hpp"

namespace tally::core {

/// The verifier is computed at the edge, on the password pool: no password reaches a command.
struct CreateUser {
  struct Outcome {
    PersonState person;
  };
  UserId id;
  std::string username;
  std::string display_name;
  std::string email;
  std::string password_verifier;
  bool is_operator = false;
};

/// Deactivates the person, which ends their sessions and disables all their tokens, everywhere. Of a person who was
/// deactivated with their access tokens kept it revokes these.
struct DeactivateUser {
  struct Outcome {
    PersonState person;
    Offboarded tokens;
    std::uint64_t sessions_ended = 0;
  };
  UserId user;
  VersionCondition expected = {};  ///< profile_version().
  AccessFate access = AccessFate::revoke;
  std::string reason = {};  ///< As typed; trimmed and checked by the decider.
  StopBounds bounds = kFirstAppend;
};

/// Lets a deactivated person sign in again, in the roles that they have. No token of theirs comes back.
struct ReactivateUser {
  struct Outcome {
    PersonState person;
  };
  UserId user;
  VersionCondition expected = {};
};

/// Says what a person is to the server as a whole.
struct SetOperator {
  struct Outcome {
    PersonState person;
  };
  UserId user;
  ServerStanding standing = ServerStanding::none;
  VersionCondition expected = {};
};

/// What RecoverOperator does about a name that nobody has.
enum class UnknownPerson : std::uint8_t { refuse, create };

/// Gives an operator's account back to whoever has the data folder: a new password, and break-glass for who is no
/// operator. Their sessions end. By the system only.
struct RecoverOperator {
  struct Outcome {
    PersonState person;
    bool was_done_before = false;  ///< The ledger knows the nonce: nothing was changed.
  };
  std::string username;
  std::string password_verifier;
  RecoveryMeans means = RecoveryMeans::command;
  Uuid nonce;  ///< Of the file; nil for the command.
  UnknownPerson unknown_person = UnknownPerson::refuse;
  UserId new_id;  ///< Of a person who is created.
};

/// `own_password_verified`: the edge has checked the person's current password.
struct ChangePassword {
  struct Outcome {
    PersonState person;
  };
  UserId user;
  std::string password_verifier;
  bool own_password_verified = false;
  VersionCondition expected = {};
};

/// Records the outcome of a sign-in that the edge has checked against `credentials_version`; a session row is kept on
/// success.
struct SignIn {
  struct Outcome {};
  UserId user;
  bool password_matched = false;
  std::uint32_t credentials_version = 0;
  Digest session_hash;  ///< SHA-256 of the cookie's secret.
  Timestamp session_expires_at;
};

/// Forgets a session. Not an event.
struct SignOut {
  struct Outcome {};
  Digest session_hash;
};

}  // namespace tally::core
