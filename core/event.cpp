#include "core/event.hpp"

#include <array>
#include <string_view>

#include "core/check.hpp"

namespace tally::core {
namespace {

/// Every type, for the way from a name to a number. The names themselves are in name_of() only.
constexpr std::array kTypes{
    EventType::token_generated,
    EventType::token_refreshed,
    EventType::token_refresh_retried,
    EventType::token_reuse_detected,
    EventType::token_disabled,
    EventType::token_deleted,
    EventType::access_revoked,
    EventType::legacy_token_imported,
    EventType::access_exchanged,
    EventType::workspace_created,
    EventType::policy_changed,
    EventType::member_added,
    EventType::member_role_changed,
    EventType::member_removed,
    EventType::resource_server_added,
    EventType::resource_server_removed,
    EventType::cut_off_moved,
    EventType::user_created,
    EventType::user_deactivated,
    EventType::password_changed,
    EventType::signed_in,
    EventType::sign_in_failed,
    EventType::ledger_started,
    EventType::signing_key_added,
    EventType::audit_read,
    EventType::export_started,
    EventType::export_completed,
    EventType::signing_key_retired,
    EventType::command_denied,
};
static_assert(kTypes.size() == std::variant_size_v<EventPayload>);

/// A payload's number, one overload per type: a type without one does not compile.
struct TypeOf {
  EventType operator()(const TokenGenerated&) const { return EventType::token_generated; }
  EventType operator()(const TokenRefreshed&) const { return EventType::token_refreshed; }
  EventType operator()(const TokenRefreshRetried&) const { return EventType::token_refresh_retried; }
  EventType operator()(const TokenReuseDetected&) const { return EventType::token_reuse_detected; }
  EventType operator()(const TokenDisabled&) const { return EventType::token_disabled; }
  EventType operator()(const TokenDeleted&) const { return EventType::token_deleted; }
  EventType operator()(const AccessRevoked&) const { return EventType::access_revoked; }
  EventType operator()(const LegacyTokenImported&) const { return EventType::legacy_token_imported; }
  EventType operator()(const AccessExchanged&) const { return EventType::access_exchanged; }
  EventType operator()(const WorkspaceCreated&) const { return EventType::workspace_created; }
  EventType operator()(const PolicyChanged&) const { return EventType::policy_changed; }
  EventType operator()(const MemberAdded&) const { return EventType::member_added; }
  EventType operator()(const MemberRoleChanged&) const { return EventType::member_role_changed; }
  EventType operator()(const MemberRemoved&) const { return EventType::member_removed; }
  EventType operator()(const ResourceServerAdded&) const { return EventType::resource_server_added; }
  EventType operator()(const ResourceServerRemoved&) const { return EventType::resource_server_removed; }
  EventType operator()(const CutOffMoved&) const { return EventType::cut_off_moved; }
  EventType operator()(const UserCreated&) const { return EventType::user_created; }
  EventType operator()(const UserDeactivated&) const { return EventType::user_deactivated; }
  EventType operator()(const PasswordChanged&) const { return EventType::password_changed; }
  EventType operator()(const SignedIn&) const { return EventType::signed_in; }
  EventType operator()(const SignInFailed&) const { return EventType::sign_in_failed; }
  EventType operator()(const LedgerStarted&) const { return EventType::ledger_started; }
  EventType operator()(const SigningKeyAdded&) const { return EventType::signing_key_added; }
  EventType operator()(const AuditRead&) const { return EventType::audit_read; }
  EventType operator()(const ExportStarted&) const { return EventType::export_started; }
  EventType operator()(const ExportCompleted&) const { return EventType::export_completed; }
  EventType operator()(const SigningKeyRetired&) const { return EventType::signing_key_retired; }
  EventType operator()(const CommandDenied&) const { return EventType::command_denied; }
};

}  // namespace

EventType type_of(const EventPayload& payload) { return std::visit(TypeOf{}, payload); }

namespace {

/// Of the events of the ledger itself, and of no other.
const char* name_of_ledger_event(EventType type) {
  if (type == EventType::ledger_started) return "LedgerStarted";
  if (type == EventType::signing_key_added) return "SigningKeyAdded";
  if (type == EventType::audit_read) return "AuditRead";
  if (type == EventType::export_started) return "ExportStarted";
  if (type == EventType::export_completed) return "ExportCompleted";
  if (type == EventType::signing_key_retired) return "SigningKeyRetired";
  return "CommandDenied";
}

}  // namespace

const char* name_of(EventType type) {
  switch (type) {
    case EventType::token_generated:
      return "TokenGenerated";
    case EventType::token_refreshed:
      return "TokenRefreshed";
    case EventType::token_refresh_retried:
      return "TokenRefreshRetried";
    case EventType::token_reuse_detected:
      return "TokenReuseDetected";
    case EventType::token_disabled:
      return "TokenDisabled";
    case EventType::token_deleted:
      return "TokenDeleted";
    case EventType::access_revoked:
      return "AccessRevoked";
    case EventType::legacy_token_imported:
      return "LegacyTokenImported";
    case EventType::access_exchanged:
      return "AccessExchanged";
    case EventType::workspace_created:
      return "WorkspaceCreated";
    case EventType::policy_changed:
      return "PolicyChanged";
    case EventType::member_added:
      return "MemberAdded";
    case EventType::member_role_changed:
      return "MemberRoleChanged";
    case EventType::member_removed:
      return "MemberRemoved";
    case EventType::resource_server_added:
      return "ResourceServerAdded";
    case EventType::resource_server_removed:
      return "ResourceServerRemoved";
    case EventType::cut_off_moved:
      return "CutOffMoved";
    case EventType::user_created:
      return "UserCreated";
    case EventType::user_deactivated:
      return "UserDeactivated";
    case EventType::password_changed:
      return "PasswordChanged";
    case EventType::signed_in:
      return "SignedIn";
    case EventType::sign_in_failed:
      return "SignInFailed";
    case EventType::ledger_started:
    case EventType::signing_key_added:
    case EventType::audit_read:
    case EventType::export_started:
    case EventType::export_completed:
    case EventType::signing_key_retired:
    case EventType::command_denied:
      return name_of_ledger_event(type);
  }
  check_failed("a known EventType", __FILE__, __LINE__, std::to_string(static_cast<int>(type)));
}

Result<EventType> parse_event_type(std::string_view name) {
  for (const EventType type : kTypes) {
    if (name == name_of(type)) return type;
  }
  return invalid("type", "not the name of an event type");
}

const char* name_of(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::token:
      return "token";
    case SubjectKind::workspace:
      return "workspace";
    case SubjectKind::user:
      return "user";
    case SubjectKind::resource_server:
      return "resource_server";
    case SubjectKind::ledger:
      return "ledger";
  }
  check_failed("a known SubjectKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

}  // namespace tally::core
