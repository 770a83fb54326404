#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::events {
class Store;
}

/// Commands whose answer is kept in the same write as their events, so that whoever did not get it can have it again:
/// after a crash too, and exactly once. The answer is the edge's: opaque bytes here. See docs/adr/0013.
namespace tally::projections {

/// Whose idempotency key, and which.
struct KeptAnswerKey {
  core::Uuid caller;
  core::Digest key_hash;  ///< SHA-256 of the credential that asked and the key: no other credential finds it.
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
  KeptAnswerKey kept_under;
  core::Digest request_hash;
  Keep keep;
};

/// Nothing to do but to be remembered: the end of a request that took several commands, the last of whose events is
/// `sequence`. They are done, and are not refused any more.
struct FinishRequest {
  struct Outcome {};
  core::Sequence sequence;
};

/// Threads: any.
class IdempotencyQueries {
 public:
  explicit IdempotencyQueries(const events::Store& store) : store_(store) {}
  /// Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<std::optional<EarlierAnswer>> find(const KeptAnswerKey& kept_under,
                                                                core::Timestamp now) const;
  /// After how long something can be kept for the caller again; zero: now. Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<core::Duration> pause(const core::Uuid& caller, core::Timestamp now) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
