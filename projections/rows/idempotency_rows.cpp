#include "projections/rows/idempotency_rows.hpp"

#include <algorithm>

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

enum AnswerFlag : std::uint8_t { has_sequence = 1, has_secret = 2, is_fact = 4 };
constexpr std::uint8_t kAllAnswerFlags = 7;

core::Bytes rest_of(RowReader& row) {
  const core::ByteView rest = core::as_bytes(row.rest());
  return {rest.begin(), rest.end()};
}

}  // namespace

core::Result<void> encode_idempotency(const IdempotencyRow& kept, std::string& out) {
  return write_row(out, [&](auto& row) {
    row.time(kept.expires_at);
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>((kept.sequence ? has_sequence : 0) | (kept.holds_secret ? has_secret : 0) |
                                     (kept.is_fact ? is_fact : 0)));
    row.digest(kept.request_hash);
    if (kept.sequence) row.u64(kept.sequence->value);
    row.text(kept.made);
    row.rest(kept.sealed_answer);
  });
}

core::Result<IdempotencyRow> decode_idempotency(std::string_view value) {
  RowReader row{value};
  IdempotencyRow kept;
  kept.expires_at = row.time();
  row.version();
  const std::uint8_t flags = row.flags(kAllAnswerFlags);
  kept.request_hash = row.digest();
  if (flags & has_sequence) kept.sequence = core::Sequence{row.u64()};
  kept.holds_secret = (flags & has_secret) != 0;
  kept.is_fact = (flags & is_fact) != 0;
  kept.made = row.text();
  kept.sealed_answer = rest_of(row);
  row.require(!(kept.holds_secret && kept.is_fact));
  row.require(kept.sealed_answer.empty() == (kept.holds_secret || kept.is_fact));
  if (!row.complete()) return corrupt_row("idempotency");
  return kept;
}

void encode_idempotent_secret(const IdempotentSecretRow& kept, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.time(kept.expires_at);
    row.rest(kept.sealed_answer);
  });
}

core::Result<IdempotentSecretRow> decode_idempotent_secret(std::string_view value) {
  RowReader row{value};
  IdempotentSecretRow kept;
  kept.expires_at = row.time();
  kept.sealed_answer = rest_of(row);
  row.require(!kept.sealed_answer.empty());
  if (!row.complete()) return corrupt_row("idempotency");
  return kept;
}

void encode_idempotency_use(const IdempotencyUseRow& use, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.time(std::max(use.answers_free_at, use.bytes_free_at));
    row.time(use.answers_free_at);
    row.time(use.bytes_free_at);
  });
}

core::Result<IdempotencyUseRow> decode_idempotency_use(std::string_view value) {
  RowReader row{value};
  IdempotencyUseRow use;
  const core::Timestamp expires_at = row.time();
  use.answers_free_at = row.time();
  use.bytes_free_at = row.time();
  row.require(expires_at == std::max(use.answers_free_at, use.bytes_free_at));
  if (!row.complete()) return corrupt_row("idempotency");
  return use;
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
