#include "http/tokens/descendant_upkeep.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/append_event.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

TEST_CASE("descendant upkeep: what a stopped token has left is stopped, in steps, and once",
          "[http][auth][descendants]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  core::Policy policy;
  policy.max_active_tokens_per_user = 1'000;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  const core::TokenState root = ledger.generate(team.workspace, team.member, "root", "root");
  core::TokenState child;
  for (std::size_t index = 0; index < core::limits::kTokensPerStepMax + 50; ++index) {
    const std::string name = std::to_string(index);
    child = ledger.run(ledger.as_bearer(root), ledger.generate_command(team.workspace, name, name, 10)).token;
  }
  // As a process leaves it that ended after the append that stopped the root.
  testing::append_event(ledger.sequencer(), ledger.as(team.member),
                        {team.workspace, core::subject_of(root.id), 2,
                         core::TokenDisabled{core::DisableCause::requested, core::AccessFate::revoke, {}, true}});
  const auto rest = [&] { ledger.run(ledger.as(team.member), core::SignOut{}); };
  rest();

  const projections::TokenQueries tokens{ledger.store()};
  http::DescendantUpkeep upkeep{ledger.commands(), tokens, ledger.random};
  REQUIRE(value_of(tokens.ending_tokens()).size() == 1);
  REQUIRE(upkeep.go_on(ledger.now).has_value());
  // Each step is asked for before whoever came after the one before it is answered.
  for (int steps = 0; steps < 3; ++steps) rest();
  REQUIRE(value_of(tokens.ending_tokens()).empty());
  const auto size = ledger.sequencer().durable_size();
  REQUIRE(upkeep.go_on(ledger.now).has_value());
  rest();
  CHECK(ledger.sequencer().durable_size() == size);
  // One event for each of them, and the one that says so.
  const auto count = value_of(projections::load_owner_count(ledger.store(), team.workspace, team.member));
  CHECK(count == 0);
  const auto stopped = value_of(projections::load_token(ledger.store(), team.workspace, child.id));
  CHECK(stopped->version == 2);
  CHECK(stopped->stop_cause == core::DisableCause::parent_stopped);
  CHECK(value_of(projections::load_token(ledger.store(), team.workspace, root.id))->version == 3);
  ledger.stop();
}
