#include "projections/idempotency.hpp"

#include <utility>

#include "core/limits.hpp"
#include "projections/rows/idempotency_rows.hpp"

namespace tally::projections {

using events::Family;

namespace {

/// The row at the place, unless its time has passed: the store drops such a row some day.
Result<std::optional<IdempotencyRow>> load_row(const events::Reader& reader, const IdempotencyPlace& place,
                                               core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto bytes, reader.get(Family::idempotency, idempotency_key(place.caller, place.key_hash)));
  if (!bytes) return std::optional<IdempotencyRow>{};
  TALLY_TRY_ASSIGN(auto row, decode_idempotency(*bytes));
  const bool is_kept = core::is_within_life(row.expires_at, core::limits::kIdempotencyLifetime, now);
  if (!is_kept) return std::optional<IdempotencyRow>{};
  return std::optional{std::move(row)};
}

}  // namespace

Result<FinishRequest::Outcome> handle(Transaction&, const CommandContext&, FinishRequest&) {
  return FinishRequest::Outcome{};
}

Result<void> check_place_is_free(const events::Reader& reader, const IdempotencyPlace& place, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto row, load_row(reader, place, now));
  if (row) return core::fail(core::Errc::conflict, "a request with this Idempotency-Key has just been answered");
  return {};
}

Result<void> put_answer(Transaction& transaction, const IdempotencyPlace& place, const core::Digest& request_hash,
                        core::Timestamp now, std::optional<core::Sequence> sequence, KeptAnswer answer) {
  IdempotencyRow row;
  row.expires_at = now + core::limits::kIdempotencyLifetime;
  row.request_hash = request_hash;
  row.sequence = sequence;
  row.holds_secret = answer.holds_secret;
  row.made = std::move(answer.made);
  std::string bytes;
  if (answer.holds_secret) {
    encode_idempotent_secret({now + core::limits::kIdempotentSecretLifetime, std::move(answer.sealed)}, bytes);
    transaction.put(Family::idempotency, idempotent_secret_key(place.caller, place.key_hash), bytes);
  } else {
    row.sealed_answer = std::move(answer.sealed);
  }
  TALLY_TRY(encode_idempotency(row, bytes));
  transaction.put(Family::idempotency, idempotency_key(place.caller, place.key_hash), bytes);
  return {};
}

core::Result<std::optional<EarlierAnswer>> IdempotencyQueries::find(const IdempotencyPlace& place,
                                                                    core::Timestamp now) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(auto row, load_row(*snapshot, place, now));
  if (!row) return std::optional<EarlierAnswer>{};
  EarlierAnswer earlier{row->request_hash, std::move(row->sealed_answer), std::move(row->made)};
  if (row->holds_secret) {
    TALLY_TRY_ASSIGN(const auto bytes,
                     snapshot->get(Family::idempotency, idempotent_secret_key(place.caller, place.key_hash)));
    if (bytes) {
      TALLY_TRY_ASSIGN(auto secret, decode_idempotent_secret(*bytes));
      const bool is_kept = core::is_within_life(secret.expires_at, core::limits::kIdempotentSecretLifetime, now);
      if (is_kept) earlier.sealed = std::move(secret.sealed_answer);
    }
  }
  return std::optional{std::move(earlier)};
}

}  // namespace tally::projections
