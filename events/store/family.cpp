#include "events/store/family.hpp"

#include "core/base/check.hpp"

namespace tally::events {
namespace {

struct Facts {
  Family family;
  std::string_view name;
  FamilyKind kind;
};

/// By number.
constexpr std::array kFacts{
    Facts{Family::meta, "meta", FamilyKind::truth},
    Facts{Family::log, "log", FamilyKind::truth},
    Facts{Family::log_by_token, "log_by_token", FamilyKind::projection},
    Facts{Family::log_by_workspace, "log_by_workspace", FamilyKind::projection},
    Facts{Family::log_by_actor, "log_by_actor", FamilyKind::projection},
    Facts{Family::log_by_user, "log_by_user", FamilyKind::projection},
    Facts{Family::token, "token", FamilyKind::projection},
    Facts{Family::token_by_owner, "token_by_owner", FamilyKind::projection},
    Facts{Family::token_home, "token_home", FamilyKind::projection},
    Facts{Family::owner_count, "owner_count", FamilyKind::projection},
    Facts{Family::secret, "secret", FamilyKind::projection},
    Facts{Family::revoked_access, "revoked_access", FamilyKind::projection},
    Facts{Family::person, "person", FamilyKind::projection},
    Facts{Family::username, "username", FamilyKind::projection},
    Facts{Family::workspace, "workspace", FamilyKind::projection},
    Facts{Family::member, "member", FamilyKind::projection},
    Facts{Family::member_by_user, "member_by_user", FamilyKind::projection},
    Facts{Family::resource_server, "resource_server", FamilyKind::projection},
    Facts{Family::retry, "retry", FamilyKind::ephemeral},
    Facts{Family::session, "session", FamilyKind::ephemeral},
    Facts{Family::usage, "usage", FamilyKind::volatile_state},
    Facts{Family::resource, "resource", FamilyKind::projection},
    Facts{Family::revoked_token, "revoked_token", FamilyKind::projection},
    Facts{Family::idempotency, "idempotency", FamilyKind::ephemeral},
    Facts{Family::signing_key, "signing_key", FamilyKind::projection},
    Facts{Family::access_secret, "access_secret", FamilyKind::projection},
    Facts{Family::access_queue, "access_queue", FamilyKind::projection},
    Facts{Family::token_by_parent, "token_by_parent", FamilyKind::projection},
    Facts{Family::ending, "ending", FamilyKind::projection},
    Facts{Family::server_standing, "server_standing", FamilyKind::projection},
    Facts{Family::session_by_user, "session_by_user", FamilyKind::ephemeral},
    Facts{Family::ending_token, "ending_token", FamilyKind::projection},
    Facts{Family::issuer, "issuer", FamilyKind::projection},
};

constexpr bool is_in_order() {
  for (std::size_t number = 0; number < kFacts.size(); ++number) {
    if (static_cast<std::size_t>(kFacts[number].family) != number) return false;
  }
  return true;
}
static_assert(kFacts.size() == kFamilyCount && is_in_order());

const Facts& facts_of(Family family) {
  const auto number = static_cast<std::size_t>(family);
  TALLY_CHECK(number < kFacts.size(), std::to_string(number));
  return kFacts[number];
}

}  // namespace

FamilyKind kind_of(Family family) { return facts_of(family).kind; }

std::string_view name_of(Family family) { return facts_of(family).name; }

bool is_blind(Family family) {
  return family == Family::log || family == Family::log_by_token || family == Family::log_by_workspace ||
         family == Family::log_by_actor || family == Family::log_by_user;
}

std::array<Family, kFamilyCount> all_families() {
  std::array<Family, kFamilyCount> families{};
  for (std::size_t index = 0; index < kFamilyCount; ++index) families[index] = static_cast<Family>(index);
  return families;
}

}  // namespace tally::events
