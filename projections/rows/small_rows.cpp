#include "projections/rows/small_rows.hpp"

namespace tally::projections {

void encode_secret_home(const SecretHome& home, std::string& out) { encode_fixed_row(home, out); }

core::Result<SecretHome> decode_secret_home(std::string_view row) { return decode_row<SecretHome>("secret", row); }

void encode_token_home(core::WorkspaceId workspace, std::string& out) {
  encode_fixed_row(TokenHomeRow{workspace}, out);
}

core::Result<core::WorkspaceId> decode_token_home(std::string_view row) {
  TALLY_TRY_ASSIGN(const auto home, decode_row<TokenHomeRow>("token_home", row));
  return home.workspace;
}

void encode_owner_count(std::uint64_t count, std::string& out) { encode_fixed_row(OwnerCountRow{count}, out); }

core::Result<std::uint64_t> decode_owner_count(std::string_view row) {
  TALLY_TRY_ASSIGN(const auto owner, decode_row<OwnerCountRow>("owner_count", row));
  return owner.count;
}

void encode_ending_token(std::uint64_t stopped, std::string& out) { encode_fixed_row(EndingTokenRow{stopped}, out); }

core::Result<std::uint64_t> decode_ending_token(std::string_view row) {
  TALLY_TRY_ASSIGN(const auto ending, decode_row<EndingTokenRow>("ending_token", row));
  return ending.stopped;
}

void encode_resource_home(const ResourceHome& home, std::string& out) { encode_fixed_row(home, out); }

core::Result<ResourceHome> decode_resource_home(std::string_view row) {
  return decode_row<ResourceHome>("resource", row);
}

void encode_revoked_access(core::Timestamp expires_at, std::string& out) {
  encode_fixed_row(RevokedAccessRow{expires_at}, out);
}

void encode_retry(const RetryRow& retry, std::string& out) { encode_fixed_row(retry, out); }

core::Result<RetryRow> decode_retry(std::string_view row) { return decode_row<RetryRow>("retry", row); }

void encode_session(const SessionRow& session, std::string& out) { encode_fixed_row(session, out); }

core::Result<SessionRow> decode_session(std::string_view row) { return decode_row<SessionRow>("session", row); }

void encode_session_by_user(core::Timestamp expires_at, std::string& out) {
  encode_fixed_row(SessionByUserRow{expires_at}, out);
}

core::Result<core::Timestamp> decode_session_by_user(std::string_view row) {
  TALLY_TRY_ASSIGN(const auto session, decode_row<SessionByUserRow>("session_by_user", row));
  return session.expires_at;
}

void encode_usage(const UsageRow& usage, std::string& out) { encode_fixed_row(usage, out); }

core::Result<UsageRow> decode_usage(std::string_view row) { return decode_row<UsageRow>("usage", row); }

}  // namespace tally::projections
