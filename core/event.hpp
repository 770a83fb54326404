#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/bytes.hpp"
#include "core/context.hpp"
#include "core/identity/person.hpp"
#include "core/ids.hpp"
#include "core/ledger/signing_key_state.hpp"
#include "core/time.hpp"
#include "core/token/confirmation.hpp"
#include "core/token/token.hpp"
#include "core/workspace/workspace.hpp"

/// What happened. Every struct is one event type; none changes after a release: fields are only added, or a type is.
/// Members marked (personal) are written to the personal part of the stored event, which can be sealed per person
/// later.
namespace tally::core {

// --- token
// ---------------------------------------------------------------------------------------------------------------

struct TokenGenerated {
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
  bool operator==(const TokenGenerated&) const = default;
};

/// The presented refresh token is spent; `secret_hash` is its successor's.
struct TokenRefreshed {
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
  std::uint32_t generation = 0;  ///< Of the successor that was given again.
  ScopeSet access_scope;
  AccessTokenId access_token;
  Timestamp access_expires_at;
  std::string access_resource = {};
  std::optional<Digest> access_token_hash = {};  ///< As in TokenGenerated.
  bool operator==(const TokenRefreshRetried&) const = default;
};

/// A spent refresh token came. Disables the family (a TokenDisabled follows) unless it was stopped already.
struct TokenReuseDetected {
  std::uint32_t presented_generation = 0;
  std::uint32_t current_generation = 0;
  bool operator==(const TokenReuseDetected&) const = default;
};

struct TokenDisabled {
  DisableCause cause = DisableCause::requested;
  AccessFate access = AccessFate::keep;
  std::string reason;
  bool operator==(const TokenDisabled&) const = default;
};

struct TokenDeleted {
  AccessFate access = AccessFate::keep;
  std::string reason;
  bool operator==(const TokenDeleted&) const = default;
};

/// One access token is dead before its time, or, with a nil id, all that the token has issued so far.
struct AccessRevoked {
  AccessTokenId access_token;
  Timestamp access_expires_at;
  bool operator==(const AccessRevoked&) const = default;
};

/// A token of the system before Tally, known by the hash of its text only. It can not be refreshed, and ends at the
/// workspace's sunset at the latest.
struct LegacyTokenImported {
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
  AccessTokenId parent;
  AccessTokenId access_token;
  ScopeSet access_scope;
  Timestamp access_expires_at;
  std::string access_resource;                    ///< Empty: the workspace's own audience.
  std::optional<Confirmation> confirmation = {};  ///< The key that the new access token is bound to.
  std::optional<Digest> access_token_hash = {};   ///< As in TokenGenerated.
  bool operator==(const AccessExchanged&) const = default;
};

// --- workspace
// -----------------------------------------------------------------------------------------------------------

struct WorkspaceCreated {
  std::string name;
  Policy policy;
  bool operator==(const WorkspaceCreated&) const = default;
};

struct PolicyChanged {
  Policy policy;
  bool operator==(const PolicyChanged&) const = default;
};

struct MemberAdded {
  UserId user;
  Role role = Role::member;
  bool operator==(const MemberAdded&) const = default;
};

struct MemberRoleChanged {
  UserId user;
  Role role = Role::member;
  bool operator==(const MemberRoleChanged&) const = default;
};

struct MemberRemoved {
  UserId user;
  bool operator==(const MemberRemoved&) const = default;
};

struct ResourceServerAdded {
  ResourceServerId resource_server;
  std::string name;
  Digest secret_hash;
  std::string resource = {};  ///< The URI that access tokens can be asked for (RFC 8707); empty: none.
  bool operator==(const ResourceServerAdded&) const = default;
};

struct ResourceServerRemoved {
  ResourceServerId resource_server;
  bool operator==(const ResourceServerRemoved&) const = default;
};

/// Tokens created before `issued_before` are disabled from now on, listed or not.
struct CutOffMoved {
  Timestamp issued_before;
  AccessFate access = AccessFate::keep;
  bool operator==(const CutOffMoved&) const = default;
};

// --- identity
// ------------------------------------------------------------------------------------------------------------

struct UserCreated {
  bool is_operator = false;
  std::string username;           // (personal)
  std::string display_name;       // (personal)
  std::string email;              // (personal)
  std::string password_verifier;  // (personal) Argon2id, PHC form; never exported
  bool operator==(const UserCreated&) const = default;
};

struct UserDeactivated {
  bool operator==(const UserDeactivated&) const = default;
};

struct PasswordChanged {
  std::string password_verifier;  // (personal)
  bool operator==(const PasswordChanged&) const = default;
};

struct SignedIn {
  bool operator==(const SignedIn&) const = default;
};

struct SignInFailed {
  bool operator==(const SignInFailed&) const = default;
};

// --- ledger
// --------------------------------------------------------------------------------------------------------------

/// A process opened the ledger, which then held `size` events under Merkle root `root`.
struct LedgerStarted {
  Uuid incarnation;
  std::uint64_t size = 0;
  Digest root;
  bool operator==(const LedgerStarted&) const = default;
};

struct SigningKeyAdded {
  std::string key_id;           ///< RFC 7638 thumbprint.
  std::string algorithm;        ///< JOSE name: "EdDSA", "ES256" or "RS256".
  Bytes public_key;             ///< As VerifyingKey::bytes() gives it.
  Timestamp activates_at = {};  ///< It signs from then on. The epoch: it signed as soon as it was there.
  bool operator==(const SigningKeyAdded&) const = default;
};

/// Nothing that the key has signed is accepted any more.
struct SigningKeyRetired {
  std::string key_id;
  KeyRetirement retirement = KeyRetirement::expired;
  bool operator==(const SigningKeyRetired&) const = default;
};

/// Somebody read the audit of a workspace.
struct AuditRead {
  std::string filter;  ///< The query as it was asked.
  std::uint64_t items = 0;
  bool operator==(const AuditRead&) const = default;
};

struct ExportStarted {
  ExportId export_id;
  std::string format;
  std::string filter;
  bool operator==(const ExportStarted&) const = default;
};

struct ExportCompleted {
  ExportId export_id;
  std::uint64_t events_exported = 0;
  std::uint64_t events_filtered_out = 0;
  std::uint64_t bytes = 0;
  Digest sha256;
  bool operator==(const ExportCompleted&) const = default;
};

/// Somebody was refused. The first attempt stands alone; what the same caller repeats for the same reason within a
/// minute is counted in one more event.
struct CommandDenied {
  std::string command;  ///< What was attempted: "tokens.generate", "POST /v1/users".
  std::string reason;   ///< The name of the Errc.
  TokenId token;        ///< Nil: not about one token.
  std::uint64_t count = 0;
  Timestamp first_at;
  bool operator==(const CommandDenied&) const = default;
};

/// The order is not the stored number: that is EventType.
using EventPayload =
    std::variant<TokenGenerated, TokenRefreshed, TokenRefreshRetried, TokenReuseDetected, TokenDisabled, TokenDeleted,
                 AccessRevoked, LegacyTokenImported, AccessExchanged, WorkspaceCreated, PolicyChanged, MemberAdded,
                 MemberRoleChanged, MemberRemoved, ResourceServerAdded, ResourceServerRemoved, CutOffMoved, UserCreated,
                 UserDeactivated, PasswordChanged, SignedIn, SignInFailed, LedgerStarted, SigningKeyAdded, AuditRead,
                 ExportStarted, ExportCompleted, SigningKeyRetired, CommandDenied>;

/// The stored number of an event type. Never renumbered, never used again.
enum class EventType : std::uint16_t {
  token_generated = 1,
  token_refreshed = 2,
  token_refresh_retried = 3,
  token_reuse_detected = 4,
  token_disabled = 5,
  token_deleted = 6,
  access_revoked = 7,
  legacy_token_imported = 8,
  access_exchanged = 9,
  workspace_created = 20,
  policy_changed = 21,
  member_added = 22,
  member_role_changed = 23,
  member_removed = 24,
  resource_server_added = 25,
  resource_server_removed = 26,
  cut_off_moved = 27,
  user_created = 40,
  user_deactivated = 41,
  password_changed = 42,
  signed_in = 43,
  sign_in_failed = 44,
  ledger_started = 60,
  signing_key_added = 61,
  audit_read = 62,
  export_started = 63,
  export_completed = 64,
  signing_key_retired = 65,
  command_denied = 66,
};

EventType type_of(const EventPayload& payload);
/// `TokenGenerated`, …: what the API, exports and the command line show.
const char* name_of(EventType type);
/// Errors: invalid_argument(field "type").
Result<EventType> parse_event_type(std::string_view name);

/// What an event is about. Persisted; never renumbered.
enum class SubjectKind : std::uint8_t { token = 1, workspace = 2, user = 3, resource_server = 4, ledger = 5 };
const char* name_of(SubjectKind kind);

struct Subject {
  SubjectKind kind = SubjectKind::ledger;
  Uuid id;  ///< Nil for the ledger.
  bool operator==(const Subject&) const = default;
};
inline Subject subject_of(TokenId id) { return {SubjectKind::token, id.uuid()}; }
inline Subject subject_of(WorkspaceId id) { return {SubjectKind::workspace, id.uuid()}; }
inline Subject subject_of(UserId id) { return {SubjectKind::user, id.uuid()}; }
inline Subject subject_of(ResourceServerId id) { return {SubjectKind::resource_server, id.uuid()}; }

/// What a decision yields: an event without its place in the log.
struct NewEvent {
  std::optional<WorkspaceId> workspace;
  Subject subject;
  std::uint64_t subject_version = 0;  ///< The subject's version after this event; 0 where versions are not kept.
  EventPayload payload;
  bool operator==(const NewEvent&) const = default;
};

/// An event in its place.
struct Event {
  Sequence sequence;
  EventId id;
  Timestamp recorded_at;  ///< Never earlier than the event before it.
  std::optional<WorkspaceId> workspace;
  std::uint64_t workspace_sequence = 0;  ///< Dense from 0 within the workspace; 0 if there is none.
  Subject subject;
  std::uint64_t subject_version = 0;
  Actor actor;
  Via via = Via::system;
  Origin origin;
  EventPayload payload;
  bool operator==(const Event&) const = default;
};

}  // namespace tally::core
