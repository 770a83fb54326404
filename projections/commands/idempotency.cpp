#include "projections/commands/idempotency.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/limits.hpp"
#include "events/store/store.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/rows/idempotency_rows.hpp"

namespace tally::projections {

using events::Family;
namespace limits = core::limits;

namespace {

/// The row of the key, unless its time has passed: the store drops such a row some day.
Result<std::optional<IdempotencyRow>> load_row(const events::Reader& reader, const KeptAnswerKey& kept_under,
                                               core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto bytes,
                   reader.get(Family::idempotency, idempotency_key(kept_under.caller, kept_under.key_hash)));
  if (!bytes) return std::optional<IdempotencyRow>{};
  TALLY_TRY_ASSIGN(auto row, decode_idempotency(*bytes));
  const bool is_kept = core::is_within_life(row.expires_at, core::limits::kIdempotencyLifetime, now);
  if (!is_kept) return std::optional<IdempotencyRow>{};
  return std::optional{std::move(row)};
}

constexpr core::Duration kDay = std::chrono::hours{24};
constexpr core::Duration kAnswerWorth = kDay / limits::kIdempotentAnswersPerDay;

core::Duration worth_of(std::size_t bytes) {
  return std::chrono::duration_cast<core::Duration>(kDay) * static_cast<std::int64_t>(bytes) /
         static_cast<std::int64_t>(limits::kIdempotentBytesPerDay);
}

/// How much counts for the caller now. A debt of more than a day's worth, and some, was left by a clock that was ahead.
Result<IdempotencyUseRow> load_use(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto bytes, reader.get(Family::idempotency, idempotency_use_key(caller)));
  IdempotencyUseRow use{now, now};
  if (!bytes) return use;
  TALLY_TRY_ASSIGN(const IdempotencyUseRow stored, decode_idempotency_use(*bytes));
  const auto counted = [now](core::Timestamp free_at) {
    return free_at > now + 2 * kDay ? now : std::max(free_at, now);
  };
  return IdempotencyUseRow{counted(stored.answers_free_at), counted(stored.bytes_free_at)};
}

Result<void> count_kept(Transaction& transaction, const core::Uuid& caller, core::Timestamp now, std::size_t bytes) {
  TALLY_TRY_ASSIGN(IdempotencyUseRow use, load_use(transaction, caller, now));
  use.answers_free_at += kAnswerWorth;
  use.bytes_free_at += worth_of(bytes);
  std::string row;
  encode_idempotency_use(use, row);
  transaction.put(Family::idempotency, idempotency_use_key(caller), row);
  return {};
}

}  // namespace

Result<core::Duration> keeping_pause(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const IdempotencyUseRow use, load_use(reader, caller, now));
  const core::Duration answers = use.answers_free_at + kAnswerWorth - now - kDay;
  const core::Duration bytes = use.bytes_free_at - now - kDay;
  return std::max({answers, bytes, core::Duration{0}});
}

Result<void> check_may_keep(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const core::Duration pause, keeping_pause(reader, caller, now));
  if (pause == core::Duration{0}) return {};
  return core::fail(core::Errc::rate_limited, "too many answers are kept for Idempotency-Key: try again later");
}

Result<FinishRequest::Outcome> handle(Transaction&, const CommandContext&, FinishRequest&) {
  return FinishRequest::Outcome{};
}

Result<void> check_key_is_free(const events::Reader& reader, const KeptAnswerKey& kept_under, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto row, load_row(reader, kept_under, now));
  if (row) return core::fail(core::Errc::conflict, "a request with this Idempotency-Key has just been answered");
  return {};
}

Result<void> put_answer(Transaction& transaction, const KeptAnswerKey& kept_under, const core::Digest& request_hash,
                        core::Timestamp now, std::optional<core::Sequence> sequence, KeptAnswer answer) {
  IdempotencyRow row;
  row.expires_at = now + core::limits::kIdempotencyLifetime;
  row.request_hash = request_hash;
  row.sequence = sequence;
  row.made = std::move(answer.made);
  row.is_fact = answer.sealed.empty();
  row.holds_secret = answer.holds_secret && !row.is_fact;
  TALLY_TRY(count_kept(transaction, kept_under.caller, now, answer.sealed.size() + row.made.size()));
  std::string bytes;
  if (row.holds_secret) {
    encode_idempotent_secret({now + core::limits::kIdempotentSecretLifetime, std::move(answer.sealed)}, bytes);
    transaction.put(Family::idempotency, idempotent_secret_key(kept_under.caller, kept_under.key_hash), bytes);
  } else {
    row.sealed_answer = std::move(answer.sealed);
  }
  TALLY_TRY(encode_idempotency(row, bytes));
  transaction.put(Family::idempotency, idempotency_key(kept_under.caller, kept_under.key_hash), bytes);
  return {};
}

core::Result<core::Duration> IdempotencyQueries::pause(const core::Uuid& caller, core::Timestamp now) const {
  return keeping_pause(store_, caller, now);
}

core::Result<std::optional<EarlierAnswer>> IdempotencyQueries::find(const KeptAnswerKey& kept_under,
                                                                    core::Timestamp now) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(auto row, load_row(*snapshot, kept_under, now));
  if (!row) return std::optional<EarlierAnswer>{};
  EarlierAnswer earlier{row->request_hash, row->is_fact, std::move(row->sealed_answer), std::move(row->made)};
  if (row->holds_secret) {
    TALLY_TRY_ASSIGN(const auto bytes,
                     snapshot->get(Family::idempotency, idempotent_secret_key(kept_under.caller, kept_under.key_hash)));
    if (bytes) {
      TALLY_TRY_ASSIGN(auto secret, decode_idempotent_secret(*bytes));
      const bool is_kept = core::is_within_life(secret.expires_at, core::limits::kIdempotentSecretLifetime, now);
      if (is_kept) earlier.sealed = std::move(secret.sealed_answer);
    }
  }
  return std::optional{std::move(earlier)};
}

template void CommandService::execute(CommandContext, FinishRequest, Done<FinishRequest>);
template void CommandService::execute(CommandContext, Remembered<FinishRequest>, Done<Remembered<FinishRequest>>);

}  // namespace tally::projections
