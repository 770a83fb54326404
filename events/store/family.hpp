#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"

namespace tally::events {

/// A keyed set of rows; kFamilies says what each is like. Stored in meta; never renumbered.
enum class Family : std::uint8_t {
  meta = 0,
  log = 1,
  log_by_token = 2,
  log_by_workspace = 3,
  log_by_actor = 4,
  log_by_user = 5,
  token = 6,
  token_by_owner = 7,
  token_home = 8,
  owner_count = 9,
  secret = 10,
  revoked_access = 11,
  person = 12,
  username = 13,
  workspace = 14,
  member = 15,
  member_by_user = 16,
  resource_server = 17,
  retry = 18,
  session = 19,
  usage = 20,
  resource = 21,
  revoked_token = 22,
  idempotency = 23,
  signing_key = 24,
  access_secret = 25,
  access_queue = 26,
  token_by_parent = 27,
  ending = 28,
  server_standing = 29,
  session_by_user = 30,
  ending_token = 31,
  issuer = 32,
  tile = 33,
};

/// How a family's rows come to be, and what happens to them in a rebuild.
enum class FamilyKind : std::uint8_t {
  truth,           ///< Written once, never rebuilt: log, meta.
  projection,      ///< Made from the log alone; dropped and rebuilt at will.
  ephemeral,       ///< Not from the log; each value begins with its expiry in microseconds (8 bytes); dropped after it.
  volatile_state,  ///< Not from the log, no expiry: usage.
  derived,         ///< Made from the log alone by the writer, each row once and for ever; a rebuild only compares it.
};

/// How many bytes go into a family, against the others.
enum class FamilyVolume : std::uint8_t { little, much, most };

/// What a store may make use of.
struct FamilyUse {
  bool is_sought = false;        ///< Read by whole keys; else walked in their order.
  bool is_asked_often = false;   ///< Requests ask for the same rows again and again, of no snapshot.
  bool is_scattered = false;     ///< Every refresh writes under keys in no order; only a rebuild's check walks them.
  bool is_written_once = false;  ///< The log writes each key once, and replay reads none.
  bool is_blind = false;         ///< A batch only adds rows, and does not see its own.
};
inline constexpr FamilyUse kWalked{};
inline constexpr FamilyUse kSought{.is_sought = true};
inline constexpr FamilyUse kAskedOften{.is_sought = true, .is_asked_often = true};
inline constexpr FamilyUse kScattered{.is_sought = true, .is_scattered = true};
inline constexpr FamilyUse kLogged{.is_written_once = true, .is_blind = true};  ///< The log and its indexes.

struct FamilyFacts {
  Family family;
  std::string_view name;  ///< On disk, without a generation suffix.
  FamilyKind kind;
  FamilyVolume volume;
  FamilyUse use;
  std::string_view key;  ///< As docs/formats.md says it. Keys are big-endian, so that byte order is logical order.
};

/// By number.
inline constexpr std::array kFamilies{
    FamilyFacts{Family::meta, "meta", FamilyKind::truth, FamilyVolume::little, kSought,
                "a name, for some with something behind it; [all of them](#the-rows-of-meta)"},
    FamilyFacts{Family::log, "log", FamilyKind::truth, FamilyVolume::most, kLogged, "sequence(8)"},
    FamilyFacts{Family::log_by_token, "log_by_token", FamilyKind::projection, FamilyVolume::much, kLogged,
                "token(16) sequence(8)"},
    FamilyFacts{Family::log_by_workspace, "log_by_workspace", FamilyKind::projection, FamilyVolume::much, kLogged,
                "workspace(16) sequence(8)"},
    FamilyFacts{Family::log_by_actor, "log_by_actor", FamilyKind::projection, FamilyVolume::much, kLogged,
                "workspace(16) actor(16) sequence(8), but for the workspace's own client, whose events are most of "
                "`log_by_workspace`"},
    FamilyFacts{Family::log_by_user, "log_by_user", FamilyKind::projection, FamilyVolume::little, kLogged,
                "user(16) sequence(8), of events whose subject is a person"},
    FamilyFacts{Family::token, "token", FamilyKind::projection, FamilyVolume::much, kAskedOften,
                "workspace(16) token(16)"},
    FamilyFacts{Family::token_by_owner, "token_by_owner", FamilyKind::projection, FamilyVolume::much, kWalked,
                "workspace(16) owner(16) token(16)"},
    FamilyFacts{Family::token_home,
                "token_home",
                FamilyKind::projection,
                FamilyVolume::much,
                {.is_sought = true, .is_written_once = true},
                "token(16)"},
    FamilyFacts{Family::owner_count, "owner_count", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "workspace(16) owner(16)"},
    FamilyFacts{Family::secret,
                "secret",
                FamilyKind::projection,
                FamilyVolume::much,
                {.is_sought = true, .is_scattered = true, .is_written_once = true},
                "SHA-256(32) of the secret"},
    FamilyFacts{Family::revoked_access, "revoked_access", FamilyKind::projection, FamilyVolume::little, kSought,
                "id of the access token(16)"},
    FamilyFacts{Family::person, "person", FamilyKind::projection, FamilyVolume::little, kAskedOften, "user(16)"},
    FamilyFacts{Family::username, "username", FamilyKind::projection, FamilyVolume::little, kSought,
                "the name in lower case"},
    FamilyFacts{Family::workspace, "workspace", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "workspace(16)"},
    FamilyFacts{Family::member, "member", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "workspace(16) user(16)"},
    FamilyFacts{Family::member_by_user, "member_by_user", FamilyKind::projection, FamilyVolume::little, kWalked,
                "user(16) workspace(16)"},
    FamilyFacts{Family::resource_server, "resource_server", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "workspace(16) resource server(16)"},
    FamilyFacts{Family::retry, "retry", FamilyKind::ephemeral, FamilyVolume::much, kScattered, "token(16)"},
    FamilyFacts{Family::session, "session", FamilyKind::ephemeral, FamilyVolume::little, kSought,
                "SHA-256(32) of the cookie"},
    FamilyFacts{Family::usage, "usage", FamilyKind::volatile_state, FamilyVolume::little, kSought, "token(16)"},
    FamilyFacts{Family::resource, "resource", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "the URI of a resource server, of any workspace"},
    FamilyFacts{Family::revoked_token, "revoked_token", FamilyKind::projection, FamilyVolume::little, kSought,
                "sequence of a token's first event(8): all its access tokens are dead"},
    FamilyFacts{Family::idempotency, "idempotency", FamilyKind::ephemeral, FamilyVolume::little, kSought,
                "caller(16) SHA-256(32) of the credential and the key: what was done; the same and 0x01: a secret in "
                "the answer; caller(16) alone: how much of theirs is kept"},
    FamilyFacts{Family::signing_key, "signing_key", FamilyKind::projection, FamilyVolume::little, kSought,
                "the key's id, as text"},
    FamilyFacts{Family::access_secret, "access_secret", FamilyKind::projection, FamilyVolume::little, kScattered,
                "SHA-256(32) of an opaque access token"},
    FamilyFacts{Family::access_queue, "access_queue", FamilyKind::projection, FamilyVolume::little, kScattered,
                "token(16)"},
    FamilyFacts{Family::token_by_parent, "token_by_parent", FamilyKind::projection, FamilyVolume::little, kWalked,
                "token(16) that generated another, the other's end(8), its token(16); until its access tokens are "
                "ended"},
    FamilyFacts{Family::ending, "ending", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "user(16), of whom some tokens are still to be stopped"},
    FamilyFacts{Family::server_standing, "server_standing", FamilyKind::projection, FamilyVolume::little, kAskedOften,
                "user(16), of those who have one, active or not"},
    FamilyFacts{Family::session_by_user, "session_by_user", FamilyKind::ephemeral, FamilyVolume::little, kWalked,
                "user(16) SHA-256(32) of the cookie"},
    FamilyFacts{Family::ending_token, "ending_token", FamilyKind::projection, FamilyVolume::little, kSought,
                "workspace(16) token(16), of which something that descends is still to be stopped"},
    FamilyFacts{Family::issuer, "issuer", FamilyKind::projection, FamilyVolume::little, kSought, "`issuer`"},
    FamilyFacts{
        Family::tile,
        "tile",
        FamilyKind::derived,
        FamilyVolume::little,
        {.is_sought = true, .is_written_once = true, .is_blind = true},
        "0(1) level(1) index(8), of the tree of all events; 1(1) workspace(16; nil: of no workspace) level(1; from "
        "1 on) index(8), of a workspace's own tree"},
};
inline constexpr std::size_t kFamilyCount = kFamilies.size();

static_assert([] {
  for (std::size_t number = 0; number < kFamilyCount; ++number) {
    const auto& [family, name, kind, volume, use, key] = kFamilies[number];
    if (static_cast<std::size_t>(family) != number || name.empty() || key.empty()) return false;
    // What compactions drop would live on where it is kept in memory.
    if (use.is_asked_often && (!use.is_sought || kind == FamilyKind::ephemeral)) return false;
    if (use.is_scattered && !use.is_sought) return false;
    if (use.is_blind && !use.is_written_once) return false;
  }
  return true;
}());

inline const FamilyFacts& facts_of(Family family) {
  const auto number = static_cast<std::size_t>(family);
  TALLY_CHECK(number < kFamilyCount, std::to_string(number));
  return kFamilies[number];
}
inline FamilyKind kind_of(Family family) { return facts_of(family).kind; }
inline std::string_view name_of(Family family) { return facts_of(family).name; }
inline bool is_blind(Family family) { return facts_of(family).use.is_blind; }
inline bool is_written_once(Family family) { return facts_of(family).use.is_written_once; }
/// Only commands write its rows, and no event has them.
inline bool is_beside_log(Family family) {
  const FamilyKind kind = kind_of(family);
  return kind == FamilyKind::ephemeral || kind == FamilyKind::volatile_state;
}
constexpr std::array<Family, kFamilyCount> all_families() {
  std::array<Family, kFamilyCount> families{};
  for (std::size_t number = 0; number < kFamilyCount; ++number) families[number] = kFamilies[number].family;
  return families;
}

}  // namespace tally::events
