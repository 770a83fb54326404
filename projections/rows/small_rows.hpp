#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "projections/rows/homes.hpp"

/// The rows that point, count or pass: secrets' homes, counters, retries, sessions, usage. Source: docs/formats.md.
/// Encoders replace `out`; decoders' Errors: corrupt.
namespace tally::projections {

void encode_secret_home(const SecretHome& home, std::string& out);
core::Result<SecretHome> decode_secret_home(std::string_view row);

/// The bare 16 bytes that token_home and username hold.
core::Result<core::Uuid> decode_uuid(std::string_view family, std::string_view row);

/// owner_count.
void encode_count(std::uint64_t count, std::string& out);
core::Result<std::uint64_t> decode_count(std::string_view row);

/// resource: whose URI it is.
void encode_resource_home(const ResourceHome& home, std::string& out);
core::Result<ResourceHome> decode_resource_home(std::string_view row);

/// revoked_access: until when the access token would have lived.
void encode_time(core::Timestamp time, std::string& out);

/// retry, by token: the successor of the secret of `generation`, sealed under that secret. Ephemeral: the expiry comes
/// first.
struct RetryRow {
  core::Timestamp expires_at;
  std::uint32_t generation = 0;            ///< Of the predecessor: the secret that opens it. Below 2^31.
  std::optional<std::uint64_t> first_use;  ///< core::mark_of() the refresh that spent it; rows of before have none.
  core::Bytes sealed_successor;

  /// Whether it still holds the successor of that secret.
  [[nodiscard]] bool is_of(std::uint32_t predecessor, core::Timestamp now) const {
    return generation == predecessor && now < expires_at;
  }
};
void encode_retry(const RetryRow& retry, std::string& out);
core::Result<RetryRow> decode_retry(std::string_view row);

/// session, by the digest of the cookie's secret. Ephemeral: the expiry comes first.
struct SessionRow {
  core::Timestamp expires_at;
  core::UserId user;
  std::uint32_t credentials_version = 0;
};
void encode_session(const SessionRow& session, std::string& out);
core::Result<SessionRow> decode_session(std::string_view row);

/// usage, by token.
struct UsageRow {
  core::Timestamp last_used_at;
  std::uint64_t count = 0;
};
void encode_usage(const UsageRow& usage, std::string& out);
core::Result<UsageRow> decode_usage(std::string_view row);

}  // namespace tally::projections
