#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "projections/rows/homes.hpp"
#include "projections/rows/row_fields.hpp"

/// The rows that point, count or pass: secrets' homes, counters, retries, sessions, usage. Source: docs/formats.md.
/// Encoders replace `out`; decoders' Errors: corrupt.
namespace tally::projections {

void describe(RowOf<SecretHome> auto& home, auto& fields) {
  fields.version();
  fields.enumerator("kind of subject", home.kind, core::SubjectKind::ledger);
  fields.field("workspace", home.workspace);
  fields.field("subject", home.subject);
  fields.field("generation", home.generation);
  fields.remark("Spent secrets stay, and those of removed resource servers");
  fields.require(
      [&] { return home.kind == core::SubjectKind::token || home.kind == core::SubjectKind::resource_server; });
}
void encode_secret_home(const SecretHome& home, std::string& out);
core::Result<SecretHome> decode_secret_home(std::string_view row);

/// token_home.
struct TokenHomeRow {
  core::WorkspaceId workspace;
};
void describe(RowOf<TokenHomeRow> auto& row, auto& fields) { fields.field("workspace", row.workspace); }
void encode_token_home(core::WorkspaceId workspace, std::string& out);
core::Result<core::WorkspaceId> decode_token_home(std::string_view row);

/// owner_count.
struct OwnerCountRow {
  std::uint64_t count = 0;
};
void describe(RowOf<OwnerCountRow> auto& row, auto& fields) { fields.field("tokens marked active", row.count); }
void encode_owner_count(std::uint64_t count, std::string& out);
core::Result<std::uint64_t> decode_owner_count(std::string_view row);

/// ending_token.
struct EndingTokenRow {
  std::uint64_t stopped = 0;
};
void describe(RowOf<EndingTokenRow> auto& row, auto& fields) {
  fields.field("of what descends from it, how many are stopped so far", row.stopped);
}
void encode_ending_token(std::uint64_t stopped, std::string& out);
core::Result<std::uint64_t> decode_ending_token(std::string_view row);

/// resource: whose URI it is.
void describe(RowOf<ResourceHome> auto& home, auto& fields) {
  fields.field("workspace", home.workspace);
  fields.field("resource server", home.resource_server);
}
void encode_resource_home(const ResourceHome& home, std::string& out);
core::Result<ResourceHome> decode_resource_home(std::string_view row);

/// revoked_access: until when the access token would have lived.
struct RevokedAccessRow {
  core::Timestamp expires_at;
};
void describe(RowOf<RevokedAccessRow> auto& row, auto& fields) {
  fields.field("expiry of the access token", row.expires_at);
}
void encode_revoked_access(core::Timestamp expires_at, std::string& out);

/// retry, by token: the successor of the secret of `generation`, sealed under that secret. Ephemeral: the expiry comes
/// first.
struct RetryRow {
  core::Timestamp expires_at;
  std::uint32_t generation = 0;  ///< Of the predecessor: the secret that opens it. Below 2^31.
  /// core::fingerprint_of() the refresh that spent it; rows of before have none.
  std::optional<std::uint64_t> first_use;
  core::Bytes sealed_successor;

  /// Whether it still holds the successor of that secret.
  [[nodiscard]] bool is_of(std::uint32_t predecessor, core::Timestamp now) const {
    return generation == predecessor && now < expires_at;
  }
};
void describe(RowOf<RetryRow> auto& retry, auto& fields) {
  fields.field("expiry", retry.expires_at, "the first microsecond after the window");
  fields.flagged("generation of the predecessor, whose secret opens it", retry.generation);
  fields.optional(
      kHighestBit,
      "the first 8 bytes of the SHA-256 of address, a zero byte and user agent of the refresh that spent it",
      retry.first_use, "releases before wrote none");
  fields.rest("sealed successor", retry.sealed_successor);
}
void encode_retry(const RetryRow& retry, std::string& out);
core::Result<RetryRow> decode_retry(std::string_view row);

/// session, by the digest of the cookie's secret. Ephemeral: the expiry comes first.
struct SessionRow {
  core::Timestamp expires_at;
  core::UserId user;
  std::uint32_t credentials_version = 0;
};
void describe(RowOf<SessionRow> auto& session, auto& fields) {
  fields.field("expiry", session.expires_at);
  fields.field("user", session.user);
  fields.field("credentials version", session.credentials_version);
}
void encode_session(const SessionRow& session, std::string& out);
core::Result<SessionRow> decode_session(std::string_view row);

/// session_by_user. Ephemeral: the expiry comes first.
struct SessionByUserRow {
  core::Timestamp expires_at;
};
void describe(RowOf<SessionByUserRow> auto& row, auto& fields) { fields.field("expiry", row.expires_at); }
void encode_session_by_user(core::Timestamp expires_at, std::string& out);
core::Result<core::Timestamp> decode_session_by_user(std::string_view row);

/// usage, by token.
struct UsageRow {
  core::Timestamp last_used_at;
  std::uint64_t count = 0;
};
void describe(RowOf<UsageRow> auto& usage, auto& fields) {
  fields.field("last used", usage.last_used_at);
  fields.field("how often", usage.count);
}
void encode_usage(const UsageRow& usage, std::string& out);
core::Result<UsageRow> decode_usage(std::string_view row);

}  // namespace tally::projections
