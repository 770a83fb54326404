#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/row_fields.hpp"

/// The rows that repeat an answer. Ephemeral: the expiry comes first. Source: docs/formats.md ("idempotency").
/// Encoders replace `out`; decoders' Errors: corrupt.
namespace tally::projections {

/// By caller and hash of the key: what the request was, and, unless the answer holds a secret, the answer.
struct IdempotencyRow {
  core::Timestamp expires_at;
  core::Digest request_hash;
  std::optional<core::Sequence> sequence;
  bool holds_secret = false;
  bool is_fact = false;       ///< Of the answer nothing is kept: it was too long.
  std::string made;           ///< What the request made, for whoever comes too late for the secret; else empty.
  core::Bytes sealed_answer;  ///< Empty if it holds a secret, or is a fact.
};
void describe(RowOf<IdempotencyRow> auto& kept, auto& fields) {
  fields.field("expiry", kept.expires_at);
  fields.version();
  fields.flags();
  fields.field("HMAC of the request", kept.request_hash);
  fields.optional(1, "sequence of its last event", kept.sequence);
  fields.flag(2, "the answer holds a secret, and is not here", kept.holds_secret, true);
  fields.flag(4, "the answer was too long, and is nowhere", kept.is_fact, true);
  fields.field("what it made", kept.made);
  fields.rest("kept answer, sealed", kept.sealed_answer);
  fields.require([&] {
    return !(kept.holds_secret && kept.is_fact) && kept.sealed_answer.empty() == (kept.holds_secret || kept.is_fact);
  });
}
core::Result<void> encode_idempotency(const IdempotencyRow& row, std::string& out);
core::Result<IdempotencyRow> decode_idempotency(std::string_view row);

/// Beside it, for a shorter time: the answer that holds a secret.
struct IdempotentSecretRow {
  core::Timestamp expires_at;
  core::Bytes sealed_answer;
};
void describe(RowOf<IdempotentSecretRow> auto& kept, auto& fields) {
  fields.field("expiry", kept.expires_at);
  fields.rest("kept answer, sealed", kept.sealed_answer);
  fields.require([&] { return !kept.sealed_answer.empty(); });
}
void encode_idempotent_secret(const IdempotentSecretRow& row, std::string& out);
core::Result<IdempotentSecretRow> decode_idempotent_secret(std::string_view row);

/// By caller: how much was kept for them. Each is the time at which nothing counts any more.
struct IdempotencyUseRow {
  core::Timestamp answers_free_at;
  core::Timestamp bytes_free_at;
};
void describe(RowOf<IdempotencyUseRow> auto& use, auto& fields) {
  core::Timestamp later = std::max(use.answers_free_at, use.bytes_free_at);
  fields.field("expiry", later, "the later of the two");
  fields.field("when none of the answers that were kept count any more", use.answers_free_at);
  fields.field("when none of their bytes do", use.bytes_free_at);
  fields.require([&] { return later == std::max(use.answers_free_at, use.bytes_free_at); });
}
void encode_idempotency_use(const IdempotencyUseRow& row, std::string& out);
core::Result<IdempotencyUseRow> decode_idempotency_use(std::string_view row);
/// caller(16).
std::string idempotency_use_key(const core::Uuid& caller);

/// caller(16) hash of the key(32).
std::string idempotency_key(const core::Uuid& caller, const core::Digest& key_hash);
/// The same and 0x01.
std::string idempotent_secret_key(const core::Uuid& caller, const core::Digest& key_hash);

}  // namespace tally::projections
