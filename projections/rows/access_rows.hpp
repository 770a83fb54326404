#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "events/store/store.hpp"
#include "projections/rows/row_fields.hpp"

/// Opaque access tokens. Source: docs/formats.md.
namespace tally::projections {

/// access_secret, by the hash of the access token. What it is good for stands in the event that issued it.
struct AccessSecretRow {
  core::WorkspaceId workspace;
  core::TokenId token;
  core::Sequence issued_by;
  core::Timestamp expires_at;
  core::Digest next;  ///< The hash of the token's next opaque access token; zero: this is the newest.
  bool operator==(const AccessSecretRow&) const = default;
};
void describe(RowOf<AccessSecretRow> auto& row, auto& fields) {
  fields.version();
  fields.field("workspace", row.workspace);
  fields.field("token", row.token);
  fields.field("issued by event", row.issued_by);
  fields.field("expiry", row.expires_at);
  fields.field("hash of the token's next one", row.next, "zeros: none");
  fields.remark("[Why these are dropped by the times of their events](adr/0024-opaque-access-tokens.md)");
}
void encode_access_secret(const AccessSecretRow& row, std::string& out);
core::Result<AccessSecretRow> decode_access_secret(std::string_view value);

/// access_queue, by token: the first and the last of those that are kept.
struct AccessQueueRow {
  core::Digest oldest;
  core::Digest newest;
  bool operator==(const AccessQueueRow&) const = default;
};
void describe(RowOf<AccessQueueRow> auto& row, auto& fields) {
  fields.version();
  fields.field("oldest", row.oldest);
  fields.field("newest", row.newest);
}
void encode_access_queue(const AccessQueueRow& row, std::string& out);
core::Result<AccessQueueRow> decode_access_queue(std::string_view value);

/// Absent is an empty optional. Errors: corrupt, io_failed.
core::Result<std::optional<AccessSecretRow>> load_access_secret(const events::Reader& reader, const core::Digest& hash);
core::Result<std::optional<AccessQueueRow>> load_access_queue(const events::Reader& reader, core::TokenId token);

}  // namespace tally::projections
