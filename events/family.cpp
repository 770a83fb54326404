#include "events/family.hpp"

#include "core/check.hpp"

namespace tally::events {

FamilyKind kind_of(Family family) {
  switch (family) {
    case Family::meta:
    case Family::log:
      return FamilyKind::truth;
    case Family::log_by_token:
    case Family::log_by_workspace:
    case Family::log_by_actor:
    case Family::log_by_user:
    case Family::token:
    case Family::token_by_owner:
    case Family::token_home:
    case Family::owner_count:
    case Family::secret:
    case Family::revoked_access:
    case Family::revoked_token:
    case Family::person:
    case Family::username:
    case Family::workspace:
    case Family::member:
    case Family::member_by_user:
    case Family::resource_server:
    case Family::resource:
    case Family::signing_key:
    case Family::access_secret:
    case Family::access_queue:
      return FamilyKind::projection;
    case Family::retry:
    case Family::session:
    case Family::idempotency:
      return FamilyKind::ephemeral;
    case Family::usage:
      return FamilyKind::volatile_state;
  }
  core::check_failed("a known family", __FILE__, __LINE__, "");
}

bool is_blind(Family family) {
  return family == Family::log || family == Family::log_by_token || family == Family::log_by_workspace ||
         family == Family::log_by_actor || family == Family::log_by_user;
}

std::string_view name_of(Family family) {
  switch (family) {
    case Family::meta:
      return "meta";
    case Family::log:
      return "log";
    case Family::log_by_token:
      return "log_by_token";
    case Family::log_by_workspace:
      return "log_by_workspace";
    case Family::log_by_actor:
      return "log_by_actor";
    case Family::log_by_user:
      return "log_by_user";
    case Family::token:
      return "token";
    case Family::token_by_owner:
      return "token_by_owner";
    case Family::token_home:
      return "token_home";
    case Family::owner_count:
      return "owner_count";
    case Family::secret:
      return "secret";
    case Family::revoked_access:
      return "revoked_access";
    case Family::person:
      return "person";
    case Family::username:
      return "username";
    case Family::workspace:
      return "workspace";
    case Family::member:
      return "member";
    case Family::member_by_user:
      return "member_by_user";
    case Family::resource_server:
      return "resource_server";
    case Family::retry:
      return "retry";
    case Family::session:
      return "session";
    case Family::usage:
      return "usage";
    case Family::revoked_token:
      return "revoked_token";
    case Family::resource:
      return "resource";
    case Family::idempotency:
      return "idempotency";
    case Family::signing_key:
      return "signing_key";
    case Family::access_secret:
      return "access_secret";
    case Family::access_queue:
      return "access_queue";
  }
  core::check_failed("a known family", __FILE__, __LINE__, "");
}

std::array<Family, kFamilyCount> all_families() {
  std::array<Family, kFamilyCount> families{};
  for (std::size_t index = 0; index < kFamilyCount; ++index) families[index] = static_cast<Family>(index);
  return families;
}

}  // namespace tally::events
