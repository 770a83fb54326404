#include "projections/rows/access_rows.hpp"

#include "projections/rows/keys.hpp"

namespace tally::projections {

using core::Result;
using events::Family;

void encode_access_secret(const AccessSecretRow& row, std::string& out) { encode_fixed_row(row, out); }

Result<AccessSecretRow> decode_access_secret(std::string_view value) {
  return decode_row<AccessSecretRow>("access_secret", value);
}

void encode_access_queue(const AccessQueueRow& row, std::string& out) { encode_fixed_row(row, out); }

Result<AccessQueueRow> decode_access_queue(std::string_view value) {
  return decode_row<AccessQueueRow>("access_queue", value);
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
