#include "projections/rows/small_rows.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

/// Beside a retry's generation, which is far below: the mark of its first use follows.
constexpr std::uint32_t kHasFirstUse = 1u << 31;

}  // namespace

void encode_secret_home(const SecretHome& home, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>(home.kind));
    row.uuid(home.workspace.uuid());
    row.uuid(home.subject);
    row.u32(home.generation);
  });
}

core::Result<SecretHome> decode_secret_home(std::string_view value) {
  RowReader row{value};
  SecretHome home;
  row.version();
  home.kind = row.enumerator(core::SubjectKind::ledger);
  home.workspace = core::WorkspaceId{row.uuid()};
  home.subject = row.uuid();
  home.generation = row.u32();
  row.require(home.kind == core::SubjectKind::token || home.kind == core::SubjectKind::resource_server);
  if (!row.complete()) return corrupt_row("secret");
  return home;
}

core::Result<core::Uuid> decode_uuid(std::string_view family, std::string_view value) {
  RowReader row{value};
  const core::Uuid uuid = row.uuid();
  if (!row.complete()) return corrupt_row(family);
  return uuid;
}

void encode_count(std::uint64_t count, std::string& out) {
  write_fixed_row(out, [&](auto& row) { row.u64(count); });
}

core::Result<std::uint64_t> decode_count(std::string_view value) {
  RowReader row{value};
  const std::uint64_t count = row.u64();
  if (!row.complete()) return corrupt_row("owner_count");
  return count;
}

void encode_resource_home(const ResourceHome& home, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.uuid(home.workspace.uuid());
    row.uuid(home.resource_server.uuid());
  });
}

core::Result<ResourceHome> decode_resource_home(std::string_view value) {
  RowReader row{value};
  ResourceHome home;
  home.workspace = core::WorkspaceId{row.uuid()};
  home.resource_server = core::ResourceServerId{row.uuid()};
  if (!row.complete()) return corrupt_row("resource");
  return home;
}

void encode_time(core::Timestamp time, std::string& out) {
  write_fixed_row(out, [&](auto& row) { row.time(time); });
}

void encode_retry(const RetryRow& retry, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.time(retry.expires_at);
    row.u32(retry.generation | (retry.first_use ? kHasFirstUse : 0));
    if (retry.first_use) row.u64(*retry.first_use);
    row.rest(retry.sealed_successor);
  });
}

core::Result<RetryRow> decode_retry(std::string_view value) {
  RowReader row{value};
  RetryRow retry;
  retry.expires_at = row.time();
  const std::uint32_t generation = row.u32();
  retry.generation = generation & ~kHasFirstUse;
  if (generation & kHasFirstUse) retry.first_use = row.u64();
  const core::ByteView sealed = core::as_bytes(row.rest());
  retry.sealed_successor.assign(sealed.begin(), sealed.end());
  if (!row.complete()) return corrupt_row("retry");
  return retry;
}

void encode_session(const SessionRow& session, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.time(session.expires_at);
    row.uuid(session.user.uuid());
    row.u32(session.credentials_version);
  });
}

core::Result<SessionRow> decode_session(std::string_view value) {
  RowReader row{value};
  SessionRow session;
  session.expires_at = row.time();
  session.user = core::UserId{row.uuid()};
  session.credentials_version = row.u32();
  if (!row.complete()) return corrupt_row("session");
  return session;
}

void encode_usage(const UsageRow& usage, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.time(usage.last_used_at);
    row.u64(usage.count);
  });
}

core::Result<UsageRow> decode_usage(std::string_view value) {
  RowReader row{value};
  UsageRow usage;
  usage.last_used_at = row.time();
  usage.count = row.u64();
  if (!row.complete()) return corrupt_row("usage");
  return usage;
}

}  // namespace tally::projections
