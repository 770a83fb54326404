#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/state/confirmation.hpp"
#include "core/state/context.hpp"
#include "core/state/scope.hpp"

namespace tally::core {

/// Persisted; never renumbered.
enum class TokenKind : std::uint8_t { oauth2 = 1, legacy = 2 };

/// What was done to the token. Expiry is no mark: it is decided at read time (status_at). Persisted; never renumbered.
enum class TokenMark : std::uint8_t { active = 1, disabled = 2, deleted = 3 };

/// What people see. Terminal statuses are sticky.
enum class TokenStatus : std::uint8_t { active = 1, disabled = 2, expired = 3, deleted = 4 };

/// Why a token stopped. Persisted; never renumbered.
enum class DisableCause : std::uint8_t {
  requested = 1,
  reuse_detected = 2,
  offboarding = 3,
  cut_off = 4,
  revoked = 5,
  parent_stopped = 6,  ///< The token that generated it was stopped with its access tokens.
  clock = 7,           ///< A clock that was ahead had dated it (ClockAccepted).
};

/// What becomes of access tokens already issued. Persisted; never renumbered.
enum class AccessFate : std::uint8_t { keep = 1, revoke = 2 };

/// The state of one token: one refresh-token family. A cache of its events; made by evolve() only.
struct TokenState {
  TokenId id;
  WorkspaceId workspace;
  UserId owner;
  std::string name;
  ScopeSet scope;
  TokenKind kind = TokenKind::oauth2;
  TokenMark mark = TokenMark::active;
  Timestamp created_at;
  Timestamp expires_at;
  std::uint64_t policy_sequence = 0;   ///< The sequence of the policy that it was issued under.
  std::uint64_t created_sequence = 0;  ///< Of its first event; its place in the status lists.

  std::uint32_t generation = 0;  ///< 0 for the first refresh token; one more with every rotation.
  Digest secret_hash;            ///< SHA-256 of the current refresh token.
  /// The key that its refresh tokens, and the access tokens issued since, are bound to. Once there, it stays.
  std::optional<Confirmation> confirmation;
  std::optional<Timestamp> last_refreshed_at;
  std::uint64_t refresh_count = 0;  ///< Rotations; retries do not count.
  std::uint32_t retry_count = 0;    ///< How often the present refresh token was told again.
  Timestamp access_expires_at;      ///< The latest end of an access token that it has issued; the epoch: none.
  TokenId parent;                   ///< The token whose access token generated it; nil: none.

  std::optional<Timestamp> stopped_at;  ///< Disabled or deleted, whichever came first.
  std::optional<Actor> stopped_by;
  DisableCause stop_cause = DisableCause::requested;
  std::string stop_reason;
  std::optional<Timestamp> access_revoked_at;  ///< All its access tokens are dead; it issues none any more.
  bool has_revoked_access_tokens = false;      ///< Some single access token was revoked: look it up.
  std::optional<Timestamp> imported_at;        ///< Of a legacy token: when Tally came to know it.

  std::uint64_t version = 0;  ///< Number of events of this token.
  bool operator==(const TokenState&) const = default;
};

/// The status at `now`, given the workspace's forward-only cut-off (tokens created before it are disabled), if any. A
/// token that came to be more than kClockTolerance from now was dated by a wrong clock, and so was its end: disabled.
TokenStatus status_at(const TokenState& token, Timestamp now, std::optional<Timestamp> cut_off);
const char* name_of(TokenStatus status);
const char* name_of(DisableCause cause);
const char* name_of(TokenKind kind);
const char* name_of(AccessFate fate);

/// Which step of which token a refresh token is. Written once, with its secret, and never changed.
struct RefreshTokenHome {
  WorkspaceId workspace;
  TokenId token;
  std::uint32_t generation = 0;
};

}  // namespace tally::core
