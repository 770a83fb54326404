#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/person.hpp"
#include "projections/rows/row_fields.hpp"

/// The row of a person: all but the id, which is its key. Holds personal data. Source: docs/formats.md ("person").
namespace tally::projections {

/// Since 2: the standing, the changes that people see, and when their access tokens were revoked.
inline constexpr std::uint8_t kPersonRowVersion = 2;

void describe(RowOf<core::PersonState> auto& person, auto& fields) {
  fields.version(kPersonRowVersion);
  fields.flags();
  fields.enumerator("standing", person.standing, core::ServerStanding::auditor,
                    "1 none, 2 operator, 3 break-glass, 4 server auditor");
  fields.field("created", person.created_at);
  fields.field("events", person.version);
  fields.field("changes of password, activity and standing", person.profile_changes);
  fields.field("credentials version", person.credentials_version);
  fields.field("minute of failures", person.failure_minute);
  fields.field("failures in it", person.failures_in_minute);
  fields.optional(1, "deactivated", person.deactivated_at);
  fields.optional(2, "access tokens are dead up to", person.access_revoked_at);
  fields.field("username", person.username);
  fields.field("display name", person.display_name);
  fields.field("e-mail address", person.email);
  fields.field("password verifier", person.password_verifier);
}
/// Replaces `out`.
core::Result<void> encode_person(const core::PersonState& person, std::string& out);
/// Errors: corrupt.
core::Result<core::PersonState> decode_person(core::UserId id, std::string_view row);

/// A row of username: whose it is.
struct UsernameRow {
  core::UserId user;
};
void describe(RowOf<UsernameRow> auto& row, auto& fields) { fields.field("user", row.user); }
/// Replaces `out`.
void encode_username(core::UserId user, std::string& out);
/// Errors: corrupt.
core::Result<core::UserId> decode_username(std::string_view row);

/// A row of server_standing: of those who have one.
struct ServerStandingRow {
  core::ServerStanding standing = core::ServerStanding::operator_person;
};
void describe(RowOf<ServerStandingRow> auto& row, auto& fields) {
  fields.enumerator("standing", row.standing, core::ServerStanding::auditor, "as in `person`, and not 1");
  fields.require([&] { return row.standing != core::ServerStanding::none; });
}
/// Replaces `out`.
void encode_server_standing(core::ServerStanding standing, std::string& out);
/// Errors: corrupt.
core::Result<core::ServerStanding> decode_server_standing(std::string_view row);

}  // namespace tally::projections
