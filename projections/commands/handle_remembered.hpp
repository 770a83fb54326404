#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "projections/commands/commands.hpp"
#include "projections/commands/idempotency.hpp"

/// The writer's side of commands whose answers are kept. Threads: writer thread only.
namespace tally::projections {

inline Effect effect_of(const FinishRequest&, const CommandContext&) { return Effect::records; }
Result<FinishRequest::Outcome> handle(Transaction&, const CommandContext&, FinishRequest&);

template <class Command>
Effect effect_of(const Remembered<Command>& remembered, const CommandContext& context) {
  return effect_of(remembered.command, context);
}

template <class Command>
core::Uuid lane_of(const Remembered<Command>& remembered, const CommandContext& context) {
  return lane_of(remembered.command, context);
}

/// Errors: conflict (an answer is kept there already: two requests ran at once).
Result<void> check_key_is_free(const events::Reader& reader, const KeptAnswerKey& kept_under, core::Timestamp now);

/// After how long something can be kept for the caller again; zero: now. Errors: corrupt, io_failed.
Result<core::Duration> keeping_pause(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now);
/// Errors: rate_limited.
Result<void> check_may_keep(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now);

Result<void> put_answer(Transaction& transaction, const KeptAnswerKey& kept_under, const core::Digest& request_hash,
                        core::Timestamp now, std::optional<core::Sequence> sequence, KeptAnswer answer);

template <class Command>
Result<typename Remembered<Command>::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                     Remembered<Command>& remembered) {
  TALLY_TRY(check_key_is_free(transaction, remembered.kept_under, context.at));
  std::optional<core::Sequence> sequence;
  if constexpr (std::is_same_v<Command, FinishRequest>) {
    sequence = remembered.command.sequence;
  } else {
    TALLY_TRY(check_may_keep(transaction, remembered.kept_under.caller, context.at));
  }
  const auto size_before = transaction.next_sequence();
  const auto outcome = handle(transaction, context, remembered.command);
  if (outcome.has_error()) return outcome.error();
  if (transaction.next_sequence() > size_before) sequence = transaction.last_sequence();
  auto answer = remembered.keep(*outcome, sequence);
  if (answer.has_error()) return answer.error();
  if (sequence && *answer) {
    TALLY_TRY(put_answer(transaction, remembered.kept_under, remembered.request_hash, context.at, sequence,
                         *std::move(*answer)));
  }
  return typename Remembered<Command>::Outcome{};
}

}  // namespace tally::projections
