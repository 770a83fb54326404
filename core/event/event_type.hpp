#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::core {

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
  descendants_disabled = 10,
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
  user_reactivated = 45,
  operator_changed = 46,
  operator_recovered = 47,
  offboarding_completed = 49,
  ledger_started = 60,
  signing_key_added = 61,
  audit_read = 62,
  export_started = 63,
  export_completed = 64,
  signing_key_retired = 65,
  command_denied = 66,
  clock_accepted = 67,
  issuer_changed = 68,
  clock_acceptance_completed = 69,
  ledger_verified = 90,
  ledger_recovered = 91,
  ledger_restored = 92,
};

/// True for what only takes something away, and for what it needs: that a person has signed in, that the ledger has
/// started and by which name, that its clock is right, from where it goes on. A disk that is nearly full takes these
/// alone.
bool is_stop(EventType type);
/// `TokenGenerated`, …: what the API, exports and the command line show.
const char* name_of(EventType type);
/// Errors: invalid_argument(field "type").
Result<EventType> parse_event_type(std::string_view name);

}  // namespace tally::core
