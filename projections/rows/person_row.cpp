#include "projections/rows/person_row.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

enum PersonFlag : std::uint8_t { is_deactivated = 1, is_revoked = 2 };
constexpr std::uint8_t kAllPersonFlags = 3;
/// Since 2: the standing, the changes that people see, and when their access tokens were revoked.
constexpr std::uint8_t kPersonRowVersion = 2;

}  // namespace

core::Result<void> encode_person(const core::PersonState& person, std::string& out) {
  return write_row(out, [&](auto& row) {
    row.u8(kPersonRowVersion);
    row.u8(static_cast<std::uint8_t>((person.deactivated_at ? is_deactivated : 0) |
                                     (person.access_revoked_at ? is_revoked : 0)));
    row.u8(static_cast<std::uint8_t>(person.standing));
    row.time(person.created_at);
    row.u64(person.version);
    row.u32(person.profile_changes);
    row.u32(person.credentials_version);
    row.u64(static_cast<std::uint64_t>(person.failure_minute));
    row.u32(person.failures_in_minute);
    if (person.deactivated_at) row.time(*person.deactivated_at);
    if (person.access_revoked_at) row.time(*person.access_revoked_at);
    row.text(person.username);
    row.text(person.display_name);
    row.text(person.email);
    row.text(person.password_verifier);
  });
}

core::Result<core::PersonState> decode_person(core::UserId id, std::string_view value) {
  RowReader row{value};
  core::PersonState state;
  state.id = id;
  row.version(kPersonRowVersion);
  const std::uint8_t flags = row.flags(kAllPersonFlags);
  state.standing = row.enumerator(core::ServerStanding::auditor);
  state.created_at = row.time();
  state.version = row.u64();
  state.profile_changes = row.u32();
  state.credentials_version = row.u32();
  state.failure_minute = static_cast<std::int64_t>(row.u64());
  state.failures_in_minute = row.u32();
  if (flags & is_deactivated) state.deactivated_at = row.time();
  if (flags & is_revoked) state.access_revoked_at = row.time();
  state.username = row.text();
  state.display_name = row.text();
  state.email = row.text();
  state.password_verifier = row.text();
  if (!row.complete()) return corrupt_row("person");
  return state;
}

void encode_server_standing(core::ServerStanding standing, std::string& out) {
  write_fixed_row(out, [&](auto& row) { row.u8(static_cast<std::uint8_t>(standing)); });
}

core::Result<core::ServerStanding> decode_server_standing(std::string_view value) {
  RowReader row{value};
  const auto standing = row.enumerator(core::ServerStanding::auditor);
  row.require(standing != core::ServerStanding::none);
  if (!row.complete()) return corrupt_row("server_standing");
  return standing;
}

}  // namespace tally::projections
