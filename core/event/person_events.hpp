#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.hpp"
#include "core/event/event_type.hpp"
#include "core/state/person.hpp"
#include "core/state/token.hpp"

/// What happens to people. Members marked (personal) are personal data. Source: core/event/event.hpp.
namespace tally::core {

struct UserCreated {
  static constexpr EventType kType = EventType::user_created;
  static constexpr const char* kName = "UserCreated";
  bool is_operator = false;
  std::string username;           // (personal)
  std::string display_name;       // (personal)
  std::string email;              // (personal)
  std::string password_verifier;  // (personal) Argon2id, PHC form; never exported
  bool operator==(const UserCreated&) const = default;
};

/// Ends the person's sessions, and their tokens everywhere: as MemberRemoved. It may come again with `revoke` for a
/// person whose access tokens were kept.
struct UserDeactivated {
  static constexpr EventType kType = EventType::user_deactivated;
  static constexpr const char* kName = "UserDeactivated";
  AccessFate access = AccessFate::keep;
  std::string reason = {};
  bool has_more_tokens = false;
  bool operator==(const UserDeactivated&) const = default;
};

struct PasswordChanged {
  static constexpr EventType kType = EventType::password_changed;
  static constexpr const char* kName = "PasswordChanged";
  std::string password_verifier;  // (personal)
  bool operator==(const PasswordChanged&) const = default;
};

struct SignedIn {
  static constexpr EventType kType = EventType::signed_in;
  static constexpr const char* kName = "SignedIn";
  bool operator==(const SignedIn&) const = default;
};

struct SignInFailed {
  static constexpr EventType kType = EventType::sign_in_failed;
  static constexpr const char* kName = "SignInFailed";
  bool operator==(const SignInFailed&) const = default;
};

/// The person may sign in again, in the roles that they have. No token of theirs comes back.
struct UserReactivated {
  static constexpr EventType kType = EventType::user_reactivated;
  static constexpr const char* kName = "UserReactivated";
  bool operator==(const UserReactivated&) const = default;
};

/// What the person is to the server as a whole, from now on.
struct OperatorChanged {
  static constexpr EventType kType = EventType::operator_changed;
  static constexpr const char* kName = "OperatorChanged";
  ServerStanding standing = ServerStanding::none;
  bool operator==(const OperatorChanged&) const = default;
};

/// Somebody with the data folder gave an operator back their account.
struct OperatorRecovered {
  static constexpr EventType kType = EventType::operator_recovered;
  static constexpr const char* kName = "OperatorRecovered";
  RecoveryMeans means = RecoveryMeans::command;
  Uuid nonce;  ///< Of the file; nil for the command.
  bool operator==(const OperatorRecovered&) const = default;
};

/// The last token of a person, in the event's workspace or everywhere, is stopped, some appends after they went.
struct OffboardingCompleted {
  static constexpr EventType kType = EventType::offboarding_completed;
  static constexpr const char* kName = "OffboardingCompleted";
  std::uint64_t tokens_disabled = 0;  ///< In all, from the append that let the person go on.
  std::uint64_t access_revoked = 0;   ///< Of tokens that were disabled before it.
  bool operator==(const OffboardingCompleted&) const = default;
};

}  // namespace tally::core
