#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/random.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/context.hpp"
#include "http/server/limits.hpp"
#include "http/server/request.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::http {

/// Attempts that were refused, as events (CommandDenied): the first of a credential for a reason at once, and
/// what it repeats for the same reason within kDenialWindow as one more event, when that has passed. So a noisy caller
/// makes two events a minute at most. Who could not be told from a stranger (no credentials, unknown or dead ones) is
/// counted here and leaves no event. Memory is bounded: attempts of callers over kDenialsGatheredMax are dropped, and
/// counted. Threads: any.
class DeniedAttempts {
 public:
  struct Counts {
    std::uint64_t unknown_credentials = 0;  ///< Attempts of nobody.
    std::uint64_t dropped = 0;              ///< Not recorded: too many callers at once, or the ledger refused.
  };

  /// Lifetime: both outlive it.
  DeniedAttempts(projections::CommandService& commands, core::RandomSource& random,
                 std::size_t callers_max = limits::kDenialsGatheredMax);

  /// Call for every request when it is answered: what its note says is recorded, or counted, or nothing.
  void answered(const Request& request);

  /// Records the repeats of windows that have passed. Whoever owns a timer calls it every few seconds.
  void flush(core::Timestamp now);
  /// Records all repeats: at the end.
  void flush_all();

  [[nodiscard]] Counts counts() const;

 private:
  struct Key {
    core::Actor actor;
    core::Credential credential;  ///< What a stolen one tries is not counted as its owner's.
    core::WorkspaceId workspace;  ///< Nil: of none.
    core::Errc reason = core::Errc::forbidden;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  /// An event to be.
  struct Denial {
    core::CommandContext context;
    core::RecordDenied command;
  };
  struct Window {
    core::Timestamp ends_at;
    Denial repeats;  ///< Count 0: none yet.
  };
  using Denials = std::vector<Denial>;

  [[nodiscard]] Denial denial_of(const Request& request, const Key& key) const;
  void record(Denials denials);

  projections::CommandService& commands_;
  core::RandomSource& random_;
  const std::size_t callers_max_;
  std::mutex mutex_;
  std::unordered_map<Key, Window, KeyHash> windows_;  // guarded by mutex_
  std::atomic<std::uint64_t> unknown_credentials_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace tally::http
