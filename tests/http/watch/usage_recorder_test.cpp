#include "http/watch/usage_recorder.hpp"

#include <catch2/catch.hpp>

#include "projections/commands/usage.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

std::optional<core::Timestamp> last_used(OAuthWorld& world, core::TokenId token) {
  world.run(world.as_system(), projections::RecordUsage{});  // the writer has come past every flush before
  return (*world.tokens.find(world.red.workspace, token, world.now))->last_used_at;
}

}  // namespace

TEST_CASE("usage: the latest use wins, whatever the order, and a flush is handed over once", "[http][usage]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  world.usage.record(granted.id, world.now + std::chrono::seconds{9});
  world.usage.record(granted.id, world.now + std::chrono::seconds{3});
  CHECK_FALSE(last_used(world, granted.id).has_value());
  world.usage.flush(world.now);
  CHECK(last_used(world, granted.id) == std::optional<core::Timestamp>{world.now + std::chrono::seconds{9}});
  world.usage.flush(world.now);
  CHECK(last_used(world, granted.id) == std::optional<core::Timestamp>{world.now + std::chrono::seconds{9}});
}

TEST_CASE("usage: is no event", "[http][usage]") {
  OAuthWorld world;
  const Granted granted = world.grant(world.red);
  const auto size_before = world.sequencer().durable_size();
  world.usage.record(granted.id, world.now);
  world.usage.flush(world.now);
  REQUIRE(last_used(world, granted.id).has_value());
  CHECK(world.sequencer().durable_size() == size_before);
}

TEST_CASE("usage: over the bound new tokens are left out until the next flush", "[http][usage]") {
  OAuthWorld world;
  http::UsageRecorder small{world.commands(), 16};  // one token in each shard
  std::vector<core::TokenId> tokens;
  for (int i = 0; i < 40; ++i) tokens.push_back(world.grant(world.red).id);
  for (const core::TokenId token : tokens) small.record(token, world.now);
  small.flush(world.now);
  const auto count = [&] {
    return std::count_if(tokens.begin(), tokens.end(), [&](core::TokenId token) { return last_used(world, token); });
  };
  const auto kept = count();
  CHECK(kept > 0);
  CHECK(kept <= 16);
  for (const core::TokenId token : tokens) {
    small.record(token, world.now);
    small.flush(world.now);
  }
  CHECK(count() == 40);
}
