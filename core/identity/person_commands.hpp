#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/identity/person.hpp"
#include "core/ids.hpp"
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

/// Deactivates the person and disables all their tokens, everywhere, in the same append. Their sessions end.
struct DeactivateUser {
  struct Outcome {
    PersonState person;
    std::uint64_t tokens_disabled = 0;
  };
  UserId user;
  VersionCondition expected = {};  ///< profile_version().
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
