#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::core {

/// What a person is to the server as a whole, beside their roles in workspaces. Persisted; never renumbered.
enum class ServerStanding : std::uint8_t {
  none = 1,
  operator_person = 2,  ///< Creates people and workspaces, appoints operators.
  break_glass = 3,      ///< An operator whose password always lets them in; at least one is active.
  auditor = 4,          ///< Reads everything of the whole server and changes nothing.
};
/// `none`, `operator`, `break_glass`, `auditor`.
const char* name_of(ServerStanding standing);
/// Errors: invalid_argument(field "standing").
Result<ServerStanding> parse_server_standing(std::string_view text);

/// What the server auditor is told who asks for a change.
Error auditor_changes_nothing();

/// By what an operator's account was given back. Persisted; never renumbered.
enum class RecoveryMeans : std::uint8_t { command = 1, file = 2 };
const char* name_of(RecoveryMeans means);

/// A person who can sign in. Username, display name, e-mail address and password verifier are personal data.
struct PersonState {
  UserId id;
  std::string username;  ///< Lower case ASCII, unique.
  std::string display_name;
  std::string email;              ///< Empty if not given.
  std::string password_verifier;  ///< Argon2id in PHC form.
  ServerStanding standing = ServerStanding::none;
  Timestamp created_at;
  std::optional<Timestamp> deactivated_at;
  std::optional<Timestamp>
      access_revoked_at;                  ///< Access tokens issued to them up to then are dead, whatever the token.
  std::uint32_t credentials_version = 1;  ///< Raised by a password change and a deactivation; older sessions end.
  std::int64_t failure_minute = 0;        ///< The minute since the epoch that failures are counted in.
  std::uint32_t failures_in_minute = 0;
  std::uint32_t profile_changes = 0;  ///< Of the password, of being active, of the standing.
  std::uint64_t version = 0;

  [[nodiscard]] bool is_operator() const {
    return standing == ServerStanding::operator_person || standing == ServerStanding::break_glass;
  }
  bool operator==(const PersonState&) const = default;
};

/// The version that people see and expect: it changes with the password, the standing and whether they are active, not
/// with every sign-in as PersonState::version does.
inline std::uint64_t profile_version(const PersonState& person) { return std::uint64_t{person.profile_changes} + 1; }

}  // namespace tally::core
