#include "projections/rows/access_rows.hpp"

#include "projections/rows/keys.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Result;
using events::Family;

void encode_access_secret(const AccessSecretRow& row, std::string& out) {
  write_fixed_row(out, [&](auto& writer) {
    writer.u8(kRowVersion);
    writer.uuid(row.workspace.uuid());
    writer.uuid(row.token.uuid());
    writer.u64(row.issued_by.value);
    writer.time(row.expires_at);
    writer.digest(row.next);
  });
}

Result<AccessSecretRow> decode_access_secret(std::string_view value) {
  RowReader reader{value};
  AccessSecretRow row;
  reader.version();
  row.workspace = core::WorkspaceId{reader.uuid()};
  row.token = core::TokenId{reader.uuid()};
  row.issued_by = core::Sequence{reader.u64()};
  row.expires_at = reader.time();
  row.next = reader.digest();
  if (!reader.complete()) return corrupt_row("access_secret");
  return row;
}

void encode_access_queue(const AccessQueueRow& row, std::string& out) {
  write_fixed_row(out, [&](auto& writer) {
    writer.u8(kRowVersion);
    writer.digest(row.oldest);
    writer.digest(row.newest);
  });
}

Result<AccessQueueRow> decode_access_queue(std::string_view value) {
  RowReader reader{value};
  AccessQueueRow row;
  reader.version();
  row.oldest = reader.digest();
  row.newest = reader.digest();
  if (!reader.complete()) return corrupt_row("access_queue");
  return row;
}

Result<std::optional<AccessSecretRow>> load_access_secret(const events::Reader& reader, const core::Digest& hash) {
  TALLY_TRY_ASSIGN(const auto value, reader.get(Family::access_secret, key_of_digest(hash)));
  if (!value) return std::optional<AccessSecretRow>{};
  TALLY_TRY_ASSIGN(const AccessSecretRow row, decode_access_secret(*value));
  return std::optional{row};
}

Result<std::optional<AccessQueueRow>> load_access_queue(const events::Reader& reader, core::TokenId token) {
  TALLY_TRY_ASSIGN(const auto value, reader.get(Family::access_queue, key_of(token)));
  if (!value) return std::optional<AccessQueueRow>{};
  TALLY_TRY_ASSIGN(const AccessQueueRow row, decode_access_queue(*value));
  return std::optional{row};
}

}  // namespace tally::projections
