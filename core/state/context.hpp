#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/state/presented_access.hpp"
#include "core/state/scope.hpp"

namespace tally::core {

/// Who acts. Values are stored in events; never renumbered.
enum class ActorKind : std::uint8_t { user = 1, client = 2, operator_person = 3, system = 4 };

/// `id` is a UserId's, a WorkspaceId's (an OAuth client) or a ResourceServerId's uuid; nil for the system.
struct Actor {
  ActorKind kind = ActorKind::system;
  Uuid id;
  bool operator==(const Actor&) const = default;
};

/// A person, with whatever standing: then `id` is a UserId's.
inline bool is_person(const Actor& actor) {
  return actor.kind == ActorKind::user || actor.kind == ActorKind::operator_person;
}

/// Through what a command came. Values are stored in events; never renumbered.
enum class Via : std::uint8_t { page = 1, api = 2, cli = 3, oauth = 4, system = 5 };

/// What an actor proved itself with. Values are stored in events; never renumbered. `unrecorded` is what events of
/// before this was kept say.
enum class CredentialKind : std::uint8_t {
  unrecorded = 0,
  none = 1,           ///< Nobody has proved anything (yet): signing in, the system.
  session = 2,        ///< A person's, after signing in.
  access_token = 3,   ///< A bearer; `token` and `access_token` say which.
  refresh_token = 4,  ///< Of `token`; nil: of the token that the event is of.
  client_secret = 5,  ///< A resource server's.
  legacy_token = 6,   ///< `token`, imported.
};

/// With what the actor of a command acted, so that what a stolen credential did can be told from what its owner did.
struct Credential {
  CredentialKind kind = CredentialKind::unrecorded;
  Uuid token;         ///< A TokenId's; nil where the kind has none.
  Uuid access_token;  ///< An AccessTokenId's; nil where the kind has none.
  bool operator==(const Credential&) const = default;
};

/// What a command that came by an access token may draw on: nothing is given that this has not. Not stored.
struct BearerPower {
  PresentedAccess presented;
  ScopeSet scope;
};

/// Where a command came from. `source_ip` and `user_agent` are personal data and stay in the personal part of an event.
struct Origin {
  std::string request_id;
  std::string trace_id;
  std::string source_ip;
  std::string user_agent;
  bool operator==(const Origin&) const = default;
};

/// What every command carries beside its own fields: all that a decision needs and must not fetch for itself.
struct CommandContext {
  Timestamp at;  ///< The one clock reading of the command.
  Actor actor;
  Via via = Via::system;
  Credential credential{CredentialKind::none, {}, {}};
  std::optional<BearerPower> bearer;  ///< Of what acts by an access token; what acts on one says so itself.
  Origin origin;
  UuidEntropy entropy{};  ///< From which the ids of its events are made.
};

/// `page`, `api`, … and `user`, `client`, `operator`, `system`, as JSON shows them.
const char* name_of(Via via);
const char* name_of(ActorKind kind);
/// `session`, `access_token`, …
const char* name_of(CredentialKind kind);

}  // namespace tally::core
