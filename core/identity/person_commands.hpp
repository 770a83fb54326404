#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/identity/person.hpp"
#include "core/ids.hpp"
#include "core/offboarding.hpp"
#include "core/version_condition.hpp"

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
