#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/event_type.hpp"
#include "core/state/confirmation.hpp"
#include "core/state/scope.hpp"
#include "core/state/token.hpp"

/// What happens to tokens. Source: core/event/event.hpp.
namespace tally::core {

struct TokenGenerated {
  static constexpr EventType kType = EventType::token_generated;
  static constexpr const char* kName = "TokenGenerated";
  UserId owner;
  std::string name;
  ScopeSet scope;
  Timestamp expires_at;
  std::uint64_t policy_sequence = 0;
  Digest secret_hash;
  AccessTokenId access_token;
  Timestamp access_expires_at;
  std::optional<Confirmation> confirmation = {};  ///< The key that the family is bound to from the start.
  std::optional<Digest> access_token_hash = {};   ///< SHA-256 of the access token, if it is opaque.
  TokenId parent = {};  ///< The token whose access token generated this one; nil: a person's session did.
  bool operator==(const TokenGenerated&) const = default;
};

/// The presented refresh token is spent; `secret_hash` is its successor's.
struct TokenRefreshed {
  static constexpr EventType kType = EventType::token_refreshed;
  static constexpr const char* kName = "TokenRefreshed";
  std::uint32_t generation = 0;  ///< Of the successor.
  Digest secret_hash;
  ScopeSet access_scope;
  AccessTokenId access_token;
  Timestamp access_expires_at;
  std::optional<Confirmation> confirmation = {};  ///< The key that this refresh bound the family to, if it did.
  std::string access_resource = {};               ///< RFC 8707; empty: the workspace's own audience.
  std::optional<Digest> access_token_hash = {};   ///< As in TokenGenerated.
  bool operator==(const TokenRefreshed&) const = default;
};

/// The predecessor came again within the retry window: same successor, fresh access token.
struct TokenRefreshRetried {
  static constexpr EventType kType = EventType::token_refresh_retried;
  static constexpr const char* kName = "TokenRefreshRetried";
  std::uint32_t generation = 0;  ///< Of the successor that was given again.
  ScopeSet access_scope;
  AccessTokenId access_token;
  Timestamp access_expires_at;
  std::string access_resource = {};
  std::optional<Digest> access_token_hash = {};  ///< As in TokenGenerated.
  bool from_elsewhere = false;  ///< From another address, or by another agent, than the refresh that it repeats.
  bool operator==(const TokenRefreshRetried&) const = default;
};

/// A spent refresh token came. Disables the family (a TokenDisabled follows) unless it was stopped already.
struct TokenReuseDetected {
  static constexpr EventType kType = EventType::token_reuse_detected;
  static constexpr const char* kName = "TokenReuseDetected";
  std::uint32_t presented_generation = 0;
  std::uint32_t current_generation = 0;
  bool operator==(const TokenReuseDetected&) const = default;
};

struct TokenDisabled {
  static constexpr EventType kType = EventType::token_disabled;
  static constexpr const char* kName = "TokenDisabled";
  DisableCause cause = DisableCause::requested;
  AccessFate access = AccessFate::keep;
  std::string reason;
  bool has_more_descendants = false;  ///< More than one append stops: DescendantsDisabled says when all are.
  bool operator==(const TokenDisabled&) const = default;
};

struct TokenDeleted {
  static constexpr EventType kType = EventType::token_deleted;
  static constexpr const char* kName = "TokenDeleted";
  AccessFate access = AccessFate::keep;
  std::string reason;
  bool has_more_descendants = false;  ///< As in TokenDisabled.
  bool operator==(const TokenDeleted&) const = default;
};

/// One access token is dead before its time, or, with a nil id, all that the token has issued so far.
struct AccessRevoked {
  static constexpr EventType kType = EventType::access_revoked;
  static constexpr const char* kName = "AccessRevoked";
  AccessTokenId access_token;
  Timestamp access_expires_at;
  bool has_more_descendants = false;  ///< As in TokenDisabled; with a nil id only.
  bool operator==(const AccessRevoked&) const = default;
};

/// A token of the system before Tally, known by the hash of its text only. It can not be refreshed, and ends at the
/// workspace's sunset at the latest.
struct LegacyTokenImported {
  static constexpr EventType kType = EventType::legacy_token_imported;
  static constexpr const char* kName = "LegacyTokenImported";
  UserId owner;
  std::string name;
  ScopeSet scope;
  Timestamp created_at;  ///< When the other system made it; never after the event.
  Timestamp expires_at;
  std::uint64_t policy_sequence = 0;
  Digest secret_hash;
  bool operator==(const LegacyTokenImported&) const = default;
};

/// A live access token was exchanged for a narrower one, which dies with it. Source: RFC 8693.
struct AccessExchanged {
  static constexpr EventType kType = EventType::access_exchanged;
  static constexpr const char* kName = "AccessExchanged";
  AccessTokenId parent;
  AccessTokenId access_token;
  ScopeSet access_scope;
  Timestamp access_expires_at;
  std::string access_resource;                    ///< Empty: the workspace's own audience.
  std::optional<Confirmation> confirmation = {};  ///< The key that the new access token is bound to.
  std::optional<Digest> access_token_hash = {};   ///< As in TokenGenerated.
  bool operator==(const AccessExchanged&) const = default;
};

/// The last of the tokens that descend from the subject is stopped, some appends after the subject was.
struct DescendantsDisabled {
  static constexpr EventType kType = EventType::descendants_disabled;
  static constexpr const char* kName = "DescendantsDisabled";
  std::uint64_t tokens_disabled = 0;  ///< Since the append that stopped the subject.
  bool operator==(const DescendantsDisabled&) const = default;
};

}  // namespace tally::core
