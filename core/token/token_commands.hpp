#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/version_condition.hpp"
#include "core/state/offboarding.hpp"
#include "core/state/scope.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"

/// The commands on tokens, each with what it answers. Hashes, sealed values and most ids are drawn at the edge.
namespace tally::core {

/// A person generates a token for themself; by an access token, within what that has (CommandContext::bearer).
struct GenerateToken {
  struct Outcome {
    TokenState token;
    Timestamp access_expires_at;
    std::int64_t issued_at_seconds = 0;
    AccessTokenFormat access_format = AccessTokenFormat::jwt;
  };
  TokenId id;  ///< Nil: the ledger gives one, so that the order of ids is that of creation.
  WorkspaceId workspace;
  std::string name;  ///< As typed; trimmed and checked by the decider.
  int lifetime_days = 0;
  std::optional<ScopeSet> scope;  ///< Absent: every scope that the caller may give and that is not one of Tally's own.
  Digest secret_hash;
  AccessTokenId access_token;
  std::optional<Confirmation> proven = {};  ///< The key that the caller proved to hold: the family is bound to it.
  /// SHA-256 of an opaque access token, drawn because the policy asked for one; used only if it still does.
  std::optional<Digest> access_token_hash = {};
};

/// The resource that an access token is asked for. Source: RFC 8707.
struct AskedResource {
  std::string uri;       ///< Empty: the workspace's own audience.
  bool is_ours = false;  ///< The management API of this server, which needs no registration.
};

/// Whoever holds a refresh token spends it, or asks again after a lost answer.
struct RefreshToken {
  struct Outcome {
    TokenState token;  ///< After the refresh.
    ScopeSet access_scope;
    std::string access_resource;
    Timestamp access_expires_at;
    std::int64_t issued_at_seconds = 0;
    bool retried = false;
    AccessTokenFormat access_format = AccessTokenFormat::jwt;
    /// The successor's secret sealed under the presented one: the caller's own proposal if not retried, else the one
    /// that won.
    Bytes sealed_successor;
  };
  std::optional<WorkspaceId> client;  ///< The presented client_id; absent where the endpoint implies the workspace.
  Digest presented_hash;
  std::optional<RefreshTokenHome> presented_home = {};  ///< As it was read for presented_hash; absent: not read yet.
  Digest successor_hash;
  Bytes sealed_successor;
  std::optional<ScopeSet> scope;  ///< Narrower scope for the access token only.
  AccessTokenId access_token;
  std::optional<Confirmation> proven = {};  ///< The key that the client proved to hold.
  AskedResource resource = {};
  std::optional<Digest> access_token_hash = {};  ///< As in GenerateToken.
};

/// Whoever holds a live access token gets a narrower one for it. Source: RFC 8693.
struct ExchangeAccessToken {
  struct Outcome {
    TokenState token;  ///< After the exchange.
    ScopeSet access_scope;
    std::string access_resource;
    std::optional<Confirmation> confirmation;
    Timestamp access_expires_at;
    std::int64_t issued_at_seconds = 0;
    AccessTokenFormat access_format = AccessTokenFormat::jwt;
  };
  /// What the presented access token says; its signature was verified at the edge.
  struct Subject {
    AccessTokenId id;
    std::int64_t issued_at_seconds = 0;
    Timestamp expires_at;
    ScopeSet scope;
    std::string resource;
    std::optional<Confirmation> confirmation;
    bool is_exchanged = false;  ///< It is itself the outcome of an exchange.
  };
  WorkspaceId client;
  TokenId token;
  UserId owner;
  Subject subject;
  std::optional<ScopeSet> scope;          ///< Absent: the subject's, as far as the policy allows it now.
  std::optional<AskedResource> resource;  ///< Absent: the subject's.
  std::optional<Confirmation> proven;
  AccessTokenId access_token;
  std::optional<Digest> access_token_hash = {};  ///< As in GenerateToken.
};

/// One or many, 1 to kIdsPerBulkCallMax, in one atomic append.
enum class BulkOutcome : std::uint8_t { disabled, already_disabled, deleted, not_found, forbidden };
const char* name_of(BulkOutcome outcome);
struct BulkResult {
  TokenId id;
  BulkOutcome outcome = BulkOutcome::not_found;
};

struct DisableTokens {
  struct Outcome {
    std::vector<BulkResult> results;  ///< In the order of `ids`.
    std::optional<TokenState> token;  ///< As it is now, if the command was about one that there is.
  };
  WorkspaceId workspace;
  std::vector<TokenId> ids;
  AccessFate access = AccessFate::keep;
  std::string reason;
  VersionCondition expected = {};  ///< Of every one of them.
};

struct DeleteTokens {
  struct Outcome {
    std::vector<BulkResult> results;
    std::optional<TokenState> token;
  };
  WorkspaceId workspace;
  std::vector<TokenId> ids;
  AccessFate access = AccessFate::keep;
  std::string reason;
  VersionCondition expected = {};
};

/// The next step of stopping what descends from a token, where the append that stopped it did not reach. The server
/// gives it to itself. Of what is finished, or was never begun, nothing is left to do.
struct StopDescendants {
  struct Outcome {
    std::optional<Timestamp> next;  ///< More are left: for `from`.
  };
  WorkspaceId workspace;
  TokenId root;
  Timestamp from;  ///< The root's own children that end before it are stopped already.
};

/// RFC 7009 with a refresh token, or one of the system before: disables the family and its access tokens. Holding the
/// secret is the authority.
struct RevokeRefreshToken {
  struct Outcome {};
  WorkspaceId client;
  Digest presented_hash;
};

/// RFC 7009 with an access token whose signature was verified at the edge.
struct RevokeAccessToken {
  struct Outcome {};
  WorkspaceId client;
  TokenId token;
  AccessTokenId access_token;
  Timestamp access_expires_at;
};

/// A token of the system before, as its admin names it.
struct LegacyToken {
  TokenId id;  ///< Nil: the ledger gives one of the time `created_at`, so that the order of ids is that of creation.
  Digest secret_hash;
  std::variant<UserId, std::string> owner;  ///< A member, by id or by username.
  std::string description;                  ///< As typed; trimmed and checked by the decider.
  Timestamp created_at;
  Timestamp expires_at;
};
/// What became of one of them.
enum class ImportOutcome : std::uint8_t { imported, already_imported, hash_in_use, unknown_owner, invalid };
const char* name_of(ImportOutcome outcome);
struct ImportResult {
  ImportOutcome outcome = ImportOutcome::invalid;
  TokenId token;      ///< Of `imported` and `already_imported`.
  std::string field;  ///< Of `invalid`: which, and what about it.
  std::string detail;
};

/// 1 to kImportLinesPerCommandMax of them in one append. One that can not be imported does not hold up the others; one
/// that was imported before is left as it is, so that the same import can be run again.
struct ImportLegacyTokens {
  struct Outcome {
    std::vector<ImportResult> results;  ///< In the order of `tokens`.
  };
  WorkspaceId workspace;
  std::vector<LegacyToken> tokens;
};

}  // namespace tally::core
