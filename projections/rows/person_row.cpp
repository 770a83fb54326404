#include "projections/rows/person_row.hpp"

namespace tally::projections {

core::Result<void> encode_person(const core::PersonState& person, std::string& out) { return encode_row(person, out); }

core::Result<core::PersonState> decode_person(core::UserId id, std::string_view row) {
  core::Result<core::PersonState> person{core::PersonState{}};
  person->id = id;
  TALLY_TRY(read_row("person", row, *person));
  return person;
}

void encode_username(core::UserId user, std::string& out) { encode_fixed_row(UsernameRow{user}, out); }

core::Result<core::UserId> decode_username(std::string_view row) {
  TALLY_TRY_ASSIGN(const UsernameRow username, decode_row<UsernameRow>("username", row));
  return username.user;
}

void encode_server_standing(core::ServerStanding standing, std::string& out) {
  encode_fixed_row(ServerStandingRow{standing}, out);
}

core::Result<core::ServerStanding> decode_server_standing(std::string_view row) {
  TALLY_TRY_ASSIGN(const ServerStandingRow standing, decode_row<ServerStandingRow>("server_standing", row));
  return standing.standing;
}

}  // namespace tally::projections
