#include "projections/rows/idempotency_rows.hpp"

namespace tally::projections {

core::Result<void> encode_idempotency(const IdempotencyRow& kept, std::string& out) { return encode_row(kept, out); }

core::Result<IdempotencyRow> decode_idempotency(std::string_view row) {
  return decode_row<IdempotencyRow>("idempotency", row);
}

void encode_idempotent_secret(const IdempotentSecretRow& kept, std::string& out) { encode_fixed_row(kept, out); }

core::Result<IdempotentSecretRow> decode_idempotent_secret(std::string_view row) {
  return decode_row<IdempotentSecretRow>("idempotency", row);
}

void encode_idempotency_use(const IdempotencyUseRow& use, std::string& out) { encode_fixed_row(use, out); }

core::Result<IdempotencyUseRow> decode_idempotency_use(std::string_view row) {
  return decode_row<IdempotencyUseRow>("idempotency", row);
}

std::string idempotency_use_key(const core::Uuid& caller) { return std::string{core::as_text(caller.bytes)}; }

std::string idempotency_key(const core::Uuid& caller, const core::Digest& key_hash) {
  std::string key{core::as_text(caller.bytes)};
  key += key_of_digest(key_hash);
  return key;
}

std::string idempotent_secret_key(const core::Uuid& caller, const core::Digest& key_hash) {
  return idempotency_key(caller, key_hash) + '\1';
}

}  // namespace tally::projections
