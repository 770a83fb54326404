#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "http/server/limits.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::http {

/// Gathers how often, and when last, tokens were used, and hands it to the writer now and then: whoever owns a timer
/// calls flush(), every few seconds and once at the end of draining. Uses are no events and may be lost: those of
/// tokens over the bound, and those of a flush that the writer refuses. Threads: any; 16 shards.
class UsageRecorder {
 public:
  explicit UsageRecorder(projections::CommandService& commands, std::size_t tokens_max = limits::kTokenUsesGatheredMax);

  void record(core::TokenId token, core::Timestamp at);

  /// Hands over everything gathered so far, and does not wait for it to be written.
  void flush(core::Timestamp now);

 private:
  struct Use {
    core::Timestamp last_used_at;
    std::uint64_t count = 0;
  };
  using Uses = std::unordered_map<core::TokenId, Use>;
  struct Shard {
    std::mutex mutex;
    Uses uses;  // guarded by mutex
  };
  static constexpr std::size_t kShards = 16;

  projections::CommandService& commands_;
  const std::size_t tokens_per_shard_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tally::http
