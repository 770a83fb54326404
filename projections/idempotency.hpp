#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include "core/bytes.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "events/store.hpp"
#include "projections/commands.hpp"

/// Commands whose answer is kept in the same write as their events, so that whoever did not get it can have it again:
/// after a crash too, and exactly once. The answer is the edge's: opaque bytes here. See docs/adr/0020.
namespace tally::projections {

/// Whose idempotency key, and which.
struct IdempotencyPlace {
  core::Uuid caller;
  core::Digest key_hash;  ///< SHA-256 of the credential that asked and the key: no other credential finds the place.
};

/// What the edge makes of an outcome, to be kept.
struct KeptAnswer {
  core::Bytes sealed;  ///< Empty: it is too long, and only that there was one is kept. The command can be repeated.
  bool holds_secret = false;  ///< Then it is kept for kIdempotentSecretLifetime only, and `made` for as long as any.
  std::string made;           ///< Where to find what the request made; at most 65,535 bytes.
};

/// What was kept, as far as it is still there.
struct EarlierAnswer {
  core::Digest request_hash;
  bool is_fact = false;  ///< The answer was too long to be kept.
  core::Bytes sealed;    ///< Empty: a fact; or it held a secret and is gone.
  std::string made;
};

/// `command`, and its answer kept. `keep` runs on the writer thread after the command was decided, if it was not
/// refused: a refusal has done nothing, and may be tried again. So may what made no event, of which nothing is kept,
/// whatever `keep` gives. For one caller a day's worth is kept (kIdempotentAnswersPerDay, kIdempotentBytesPerDay):
/// beyond, the command is refused before it is decided. Errors: rate_limited. Lifetime: `keep` owns what it uses, or
/// the wiring does.
template <class Command>
struct Remembered {
  struct Outcome {};
  using Keep = std::function<core::Result<std::optional<KeptAnswer>>(const typename Command::Outcome&,
                                                                     std::optional<core::Sequence> sequence)>;
  Command command;
  IdempotencyPlace place;
  core::Digest request_hash;
  Keep keep;
};

template <class Command>
Effect effect_of(const Remembered<Command>& remembered, const CommandContext& context) {
  return effect_of(remembered.command, context);
}

template <class Command>
core::Uuid lane_of(const Remembered<Command>& remembered, const CommandContext& context) {
  return lane_of(remembered.command, context);
}

/// Nothing to do but to be remembered: the end of a request that took several commands, the last of whose events is
/// `sequence`. They are done, and are not refused any more.
struct FinishRequest {
  struct Outcome {};
  core::Sequence sequence;
};
inline Effect effect_of(const FinishRequest&, const CommandContext&) { return Effect::records; }
Result<FinishRequest::Outcome> handle(Transaction&, const CommandContext&, FinishRequest&);

/// Errors: conflict (an answer is kept there already: two requests ran at once).
Result<void> check_place_is_free(const events::Reader& reader, const IdempotencyPlace& place, core::Timestamp now);

/// After how long something can be kept for the caller again; zero: now. Errors: corrupt, io_failed.
Result<core::Duration> keeping_pause(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now);
/// Errors: rate_limited.
Result<void> check_may_keep(const events::Reader& reader, const core::Uuid& caller, core::Timestamp now);

Result<void> put_answer(Transaction& transaction, const IdempotencyPlace& place, const core::Digest& request_hash,
                        core::Timestamp now, std::optional<core::Sequence> sequence, KeptAnswer answer);

template <class Command>
Result<typename Remembered<Command>::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                     Remembered<Command>& remembered) {
  TALLY_TRY(check_place_is_free(transaction, remembered.place, context.at));
  std::optional<core::Sequence> sequence;
  if constexpr (std::is_same_v<Command, FinishRequest>) {
    sequence = remembered.command.sequence;
  } else {
    TALLY_TRY(check_may_keep(transaction, remembered.place.caller, context.at));
  }
  const auto size_before = transaction.next_sequence();
  const auto outcome = handle(transaction, context, remembered.command);
  if (outcome.has_error()) return outcome.error();
  if (transaction.next_sequence() > size_before) sequence = transaction.last_sequence();
  auto answer = remembered.keep(*outcome, sequence);
  if (answer.has_error()) return answer.error();
  if (sequence && *answer) {
    TALLY_TRY(
        put_answer(transaction, remembered.place, remembered.request_hash, context.at, sequence, *std::move(*answer)));
  }
  return typename Remembered<Command>::Outcome{};
}

/// Threads: any.
class IdempotencyQueries {
 public:
  explicit IdempotencyQueries(const events::Store& store) : store_(store) {}
  /// Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<std::optional<EarlierAnswer>> find(const IdempotencyPlace& place,
                                                                core::Timestamp now) const;
  /// As keeping_pause(). Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<core::Duration> pause(const core::Uuid& caller, core::Timestamp now) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
