#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tally::events {

/// A keyed set of rows. Keys are big-endian, so that byte order is logical order; docs/formats.md has every key and
/// value. Stored in meta; never renumbered.
enum class Family : std::uint8_t {
  meta = 0,              ///< name -> schema version, ledger head, generation of the projections
  log = 1,               ///< sequence(8) -> the event's bytes, exactly as hashed
  log_by_token = 2,      ///< token(16) sequence(8) -> empty
  log_by_workspace = 3,  ///< workspace(16) sequence(8) -> type(2)
  log_by_actor = 4,      ///< workspace(16) actor(16) sequence(8) -> empty; not of the workspace's own client
  log_by_user = 5,       ///< user(16) sequence(8) -> empty; events whose subject is a person
  token = 6,             ///< workspace(16) token(16) -> state
  token_by_owner = 7,    ///< workspace(16) owner(16) token(16) -> mark(1) expires_at(8)
  token_home = 8,        ///< token(16) -> workspace(16)
  owner_count = 9,       ///< workspace(16) owner(16) -> tokens marked active(8)
  secret = 10,           ///< SHA-256(32) -> kind, workspace, token or resource server, generation
  revoked_access = 11,   ///< access token id(16) -> expiry(8)
  person = 12,           ///< user(16) -> state
  username = 13,         ///< lower-case name -> user(16)
  workspace = 14,        ///< workspace(16) -> state, number of events so far
  member = 15,           ///< workspace(16) user(16) -> role, since
  member_by_user = 16,   ///< user(16) workspace(16) -> role
  resource_server = 17,  ///< workspace(16) resource server(16) -> state
  retry = 18,            ///< token(16) -> expiry(8) generation(4) sealed successor
  session = 19,          ///< SHA-256(32) of the cookie -> expiry(8) user(16) credentials_version(4)
  usage = 20,            ///< token(16) -> last used(8) count(8)
  resource = 21,         ///< URI -> workspace(16) resource server(16)
  revoked_token = 22,  ///< sequence(8) of a token's first event -> empty; its access tokens are dead before their time
  idempotency =
      23,  ///< caller(16) SHA-256(32) of credential and key, and 0x01 for a secret -> expiry(8), the answer sealed
  signing_key = 24,  ///< key id -> state
  access_secret =
      25,  ///< SHA-256(32) of an opaque access token -> workspace, token, event, expiry, the next one's SHA-256
  access_queue = 26,     ///< token(16) -> the oldest and the newest of its rows in access_secret
  token_by_parent = 27,  ///< parent token(16) expires_at(8) token(16) -> empty; while its access tokens may live
  ending = 28,           ///< user(16) -> what of theirs is being stopped in more than one append
  server_standing = 29,  ///< user(16) -> standing(1); of those who have one
  session_by_user = 30,  ///< user(16) SHA-256(32) of the cookie -> expiry(8)
  ending_token = 31,     ///< workspace(16) token(16) -> of what descends from it, how many are stopped so far(8)
  issuer = 32,           ///< "issuer" -> the issuer that was given last
};
inline constexpr std::size_t kFamilyCount = 33;

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
