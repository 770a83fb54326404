#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tally::events {

/// A keyed set of rows. Keys are big-endian, so that byte order is logical order; docs/formats.md has every key and
/// value.
enum class Family : std::uint8_t {
  meta = 0,          ///< name -> schema version, ledger head, generation of the projections
  log,               ///< sequence(8) -> the event's bytes, exactly as hashed
  log_by_token,      ///< token(16) sequence(8) -> empty
  log_by_workspace,  ///< workspace(16) sequence(8) -> type(2)
  log_by_actor,      ///< workspace(16) actor(16) sequence(8) -> empty; not of the workspace's own client
  log_by_user,       ///< user(16) sequence(8) -> empty; events whose subject is a person
  token,             ///< workspace(16) token(16) -> state
  token_by_owner,    ///< workspace(16) owner(16) token(16) -> mark(1) expires_at(8)
  token_home,        ///< token(16) -> workspace(16)
  owner_count,       ///< workspace(16) owner(16) -> tokens marked active(8)
  secret,            ///< SHA-256(32) -> kind, workspace, token or resource server, generation
  revoked_access,    ///< access token id(16) -> expiry(8)
  person,            ///< user(16) -> state
  username,          ///< lower-case name -> user(16)
  workspace,         ///< workspace(16) -> state, number of events so far
  member,            ///< workspace(16) user(16) -> role, since
  member_by_user,    ///< user(16) workspace(16) -> role
  resource_server,   ///< workspace(16) resource server(16) -> state
  retry,             ///< token(16) -> expiry(8) generation(4) sealed successor
  session,           ///< SHA-256(32) of the cookie -> expiry(8) user(16) credentials_version(4)
  usage,             ///< token(16) -> last used(8) count(8)
  resource,          ///< URI -> workspace(16) resource server(16)
  revoked_token,     ///< sequence(8) of a token's first event -> empty; its access tokens are dead before their time
  idempotency,       ///< caller(16) SHA-256(32) of the key, and 0x01 for a secret -> expiry(8), the answer sealed
  signing_key,       ///< key id -> state
  access_secret,  ///< SHA-256(32) of an opaque access token -> workspace, token, event, expiry, the next one's SHA-256
  access_queue,   ///< token(16) -> the oldest and the newest of its rows in access_secret
};
inline constexpr std::size_t kFamilyCount = 27;

/// How a family's rows come to be, and what happens to them in a rebuild.
enum class FamilyKind : std::uint8_t {
  truth,           ///< Written once, never rebuilt: log, meta.
  projection,      ///< Made from the log alone; dropped and rebuilt at will.
  ephemeral,       ///< Not from the log; each value begins with its expiry in microseconds (8 bytes); dropped after it.
  volatile_state,  ///< Not from the log, no expiry: usage.
};

FamilyKind kind_of(Family family);
/// True for the log and its indexes: a batch only adds to them, and does not see its own additions.
bool is_blind(Family family);
/// The family's name on disk, without a generation suffix.
std::string_view name_of(Family family);
std::array<Family, kFamilyCount> all_families();

}  // namespace tally::events
