#include "http/watch/usage_recorder.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "projections/commands/usage.hpp"

namespace tally::http {
namespace {

/// Every use is a row to write, and other commands wait in the same queue.
constexpr std::size_t kUsesPerCommandMax = 512;

}  // namespace

UsageRecorder::UsageRecorder(projections::CommandService& commands, std::size_t tokens_max)
    : commands_(commands), tokens_per_shard_max_(tokens_max / kShards) {
  TALLY_CHECK(tokens_per_shard_max_ > 0);
}

void UsageRecorder::record(core::TokenId token, core::Timestamp at) {
  // The last byte of a UUIDv7 is random.
  Shard& shard = shards_[token.uuid().bytes.back() % kShards];
  std::lock_guard lock{shard.mutex};
  auto place = shard.uses.find(token);
  if (place == shard.uses.end()) {
    if (shard.uses.size() == tokens_per_shard_max_) return;
    place = shard.uses.try_emplace(token).first;
  }
  place->second.last_used_at = std::max(place->second.last_used_at, at);
  ++place->second.count;
}

void UsageRecorder::flush(core::Timestamp now) {
  core::CommandContext context;
  context.at = now;
  projections::RecordUsage command;
  const auto hand_over = [&] {
    if (command.uses.empty()) return;
    commands_.execute(context, std::exchange(command, {}), [](const projections::Answer<projections::RecordUsage>&) {});
  };
  for (Shard& shard : shards_) {
    Uses uses;
    {
      std::lock_guard lock{shard.mutex};
      uses.swap(shard.uses);
    }
    for (const auto& [token, use] : uses) {
      command.uses.push_back({token, use.last_used_at, use.count});
      if (command.uses.size() == kUsesPerCommandMax) hand_over();
    }
  }
  hand_over();
}

}  // namespace tally::http
