#include "projections/rows/person_row.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

enum Flag : std::uint8_t { is_operator = 1, is_deactivated = 2, is_revoked = 4 };
constexpr std::uint8_t kAllFlags = 7;

}  // namespace

core::Result<void> encode_person(const core::PersonState& person, std::string& out) {
  return write_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>((person.is_operator ? is_operator : 0) |
                                     (person.deactivated_at ? is_deactivated : 0) |
                                     (person.access_revoked_at ? is_revoked : 0)));
    row.time(person.created_at);
    row.u64(person.version);
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
  row.version();
  const std::uint8_t flags = row.flags(kAllFlags);
  state.is_operator = (flags & is_operator) != 0;
  state.created_at = row.time();
  state.version = row.u64();
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

}  // namespace tally::projections
