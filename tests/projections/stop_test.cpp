#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::AccessFate;
using core::BulkOutcome;
using core::Errc;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

std::vector<BulkOutcome> outcomes(const std::vector<core::BulkResult>& results) {
  std::vector<BulkOutcome> out;
  for (const auto& result : results) out.push_back(result.outcome);
  return out;
}

core::TokenStatus status_of(LedgerFixture& ledger, core::WorkspaceId workspace, core::TokenId token) {
  return value_of(projections::TokenQueries{ledger.store()}.find(workspace, token, ledger.now))->status;
}

bool is_live(LedgerFixture& ledger, const core::TokenState& token) {
  const projections::TokenQueries queries{ledger.store()};
  const std::int64_t issued = core::seconds_of(token.created_at);
  return value_of(queries.access_verdict(
                      {token.workspace, token.id, token.owner, {}, {}, issued, core::seconds_of(ledger.now) + 60},
                      ledger.now))
      .is_live();
}

}  // namespace

TEST_CASE("disable: many ids, each with its own outcome, in the order asked", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto mine = ledger.generate(team.workspace, team.member, "mine", "s1");
  const auto other = ledger.generate(team.workspace, team.admin, "not mine", "s2");
  const core::DisableTokens command{
      team.workspace, {mine.id, ledger.draw<core::TokenId>(), other.id, mine.id}, AccessFate::keep, "lost"};

  SECTION("by its owner: a repeated id is disabled once, and others' tokens are not found") {
    const auto size = ledger.sequencer().durable_size();
    const auto outcome = ledger.run(ledger.as(team.member), command);
    CHECK(outcomes(outcome.results) == std::vector{BulkOutcome::disabled, BulkOutcome::not_found,
                                                   BulkOutcome::not_found, BulkOutcome::already_disabled});
    CHECK(outcome.results[2].id == other.id);
    CHECK(ledger.sequencer().durable_size() == size + 1);
    CHECK(status_of(ledger, team.workspace, mine.id) == core::TokenStatus::disabled);
    CHECK(is_live(ledger, mine));
  }
  SECTION("by an admin: both, in one append") {
    const auto outcome = ledger.run(ledger.as(team.admin), command);
    CHECK(outcomes(outcome.results) == std::vector{BulkOutcome::disabled, BulkOutcome::not_found, BulkOutcome::disabled,
                                                   BulkOutcome::already_disabled});
  }
  SECTION("an auditor sees, and may not") {
    const auto outcome = ledger.run(ledger.as(team.auditor), command);
    CHECK(outcomes(outcome.results) ==
          std::vector{BulkOutcome::forbidden, BulkOutcome::not_found, BulkOutcome::forbidden, BulkOutcome::forbidden});
  }
  SECTION("with access: revoke, access tokens are dead at once") {
    auto revoking = command;
    revoking.access = AccessFate::revoke;
    ledger.run(ledger.as(team.member), revoking);
    CHECK_FALSE(is_live(ledger, mine));
  }
}

TEST_CASE("disable: 1 to 1,000 ids", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  core::Policy policy;
  policy.max_active_tokens_per_user = 2'000;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  core::DisableTokens command;
  command.workspace = team.workspace;
  CHECK(ledger.refusal(ledger.as(team.member), command) == Errc::invalid_argument);
  for (std::size_t index = 0; index < core::limits::kIdsPerBulkCallMax; ++index) {
    command.ids.push_back(ledger.generate(team.workspace, team.member, "t", "s" + std::to_string(index)).id);
  }
  const auto size = ledger.sequencer().durable_size();
  const auto outcome = ledger.run(ledger.as(team.member), command);
  CHECK(outcomes(outcome.results) == std::vector(command.ids.size(), BulkOutcome::disabled));
  CHECK(ledger.sequencer().durable_size() == size + command.ids.size());
  CHECK(value_of(projections::load_owner_count(ledger.store(), team.workspace, team.member)) == 0);
  command.ids.push_back(ledger.draw<core::TokenId>());
  CHECK(ledger.refusal(ledger.as(team.member), command) == Errc::invalid_argument);
}

TEST_CASE("delete: the token leaves every list and keeps its history", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};
  const auto token = ledger.generate(team.workspace, team.member, "gone", "s1");
  const auto fate = GENERATE(AccessFate::keep, AccessFate::revoke);
  const auto outcome =
      ledger.run(ledger.as(team.member), core::DeleteTokens{team.workspace, {token.id, token.id}, fate, ""});
  CHECK(outcomes(outcome.results) == std::vector{BulkOutcome::deleted, BulkOutcome::not_found});
  CHECK(status_of(ledger, team.workspace, token.id) == core::TokenStatus::deleted);
  CHECK(is_live(ledger, token) == (fate == AccessFate::keep));
  for (const bool by_owner : {false, true}) {
    projections::TokenListRequest request;
    request.workspace = team.workspace;
    if (by_owner) request.owner = team.member;
    request.limit = 10;
    request.now = ledger.now;
    CHECK(value_of(queries.list(request)).items.empty());
  }
  CHECK(value_of(projections::load_owner_count(ledger.store(), team.workspace, team.member)) == 0);
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("s1", "s2")) == Errc::token_deleted);
}

TEST_CASE("cut-off: stops every older token at once, and disables as many as a call may", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  core::Policy policy;
  policy.max_active_tokens_per_user = 2'000;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  std::vector<core::TokenState> old;
  for (int index = 0; index < 1'100; ++index) {
    ledger.now += std::chrono::milliseconds{1};  // so that the last one's id is the last
    old.push_back(ledger.generate(team.workspace, team.member, "old", "s" + std::to_string(index)));
  }
  ledger.now += std::chrono::minutes{1};
  const auto fresh = ledger.generate(team.workspace, team.member, "fresh", "fresh");
  const bool resumes = GENERATE(true, false);
  core::DisableIssuedBefore command{team.workspace, ledger.now, {}, AccessFate::revoke, {}, {1'000, 2'000}};

  const auto first = ledger.run(ledger.as(team.admin), command);
  CHECK(first.count == 1'000);
  CHECK(first.more);
  // What is not yet disabled by its own event has stopped all the same, with its access tokens.
  CHECK(status_of(ledger, team.workspace, old.back().id) == core::TokenStatus::disabled);
  CHECK_FALSE(is_live(ledger, old.back()));
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("s1099", "x")) == Errc::token_disabled);
  CHECK(status_of(ledger, team.workspace, fresh.id) == core::TokenStatus::active);
  CHECK(is_live(ledger, fresh));

  if (resumes) command.after = first.last_seen;
  const auto second = ledger.run(ledger.as(team.admin), command);
  CHECK(second.count == 100);
  CHECK_FALSE(second.more);
  CHECK(value_of(projections::load_owner_count(ledger.store(), team.workspace, team.member)) == 1);
  const auto third = value_of(ledger.execute(ledger.as(team.admin), command));
  CHECK(third.outcome.count == 0);
  CHECK_FALSE(third.sequence);
}

TEST_CASE("cut-off: a call looks at no more rows than it may, whether or not they come to an event",
          "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  for (int index = 0; index < 10; ++index) {
    ledger.now += std::chrono::milliseconds{1};
    ledger.generate(team.workspace, team.member, "old", "s" + std::to_string(index));
  }
  ledger.now += std::chrono::minutes{2};
  core::DisableIssuedBefore command{team.workspace, ledger.now, {}, AccessFate::keep, {}};
  if (GENERATE(false, true)) command.owner = team.member;
  CHECK(ledger.run(ledger.as(team.admin), command).count == 10);

  command.bounds = {10, 4};
  std::vector<bool> more;
  for (int call = 0; call < 3; ++call) {
    const auto answer = ledger.run(ledger.as(team.admin), command);
    CHECK(answer.count == 0);
    more.push_back(answer.more);
    command.after = answer.last_seen;
  }
  CHECK(more == std::vector<bool>{true, true, false});
}

TEST_CASE("cut-off: for one owner it moves no cut-off of the workspace", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto mine = ledger.generate(team.workspace, team.member, "mine", "s1");
  const auto other = ledger.generate(team.workspace, team.admin, "other", "s2");
  ledger.now += std::chrono::seconds{1};
  const core::DisableIssuedBefore command{team.workspace, ledger.now, team.member, AccessFate::keep, {}};
  CHECK(ledger.refusal(ledger.as(team.member), command) == Errc::forbidden);
  CHECK(ledger.run(ledger.as(team.admin), command).count == 1);
  CHECK(status_of(ledger, team.workspace, mine.id) == core::TokenStatus::disabled);
  CHECK(status_of(ledger, team.workspace, other.id) == core::TokenStatus::active);
  CHECK_FALSE(value_of(projections::WorkspaceQueries{ledger.store()}.find(team.workspace))->cut_off_at);
}

TEST_CASE("cut-off: goes by created_at, not by the time in an id", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  // The id was drawn a moment ahead of the command's own clock reading.
  auto ahead = ledger.generate_command(team.workspace, "ahead", "s1");
  ahead.id = core::draw_id<core::TokenId>(ledger.random, ledger.now + std::chrono::seconds{2});
  ledger.run(ledger.as(team.member), ahead);
  ledger.now += std::chrono::seconds{1};
  // The id was drawn before the cut-off, but the token recorded after it.
  auto behind = ledger.generate_command(team.workspace, "behind", "s2");
  behind.id = core::draw_id<core::TokenId>(ledger.random, ledger.now - std::chrono::seconds{30});
  ledger.run(ledger.as(team.member), behind);
  const auto outcome = ledger.run(ledger.as(team.admin),
                                  core::DisableIssuedBefore{team.workspace, ledger.now, {}, AccessFate::keep, {}});
  CHECK(outcome.count == 1);
  CHECK(status_of(ledger, team.workspace, ahead.id) == core::TokenStatus::disabled);
  CHECK(status_of(ledger, team.workspace, behind.id) == core::TokenStatus::active);
}

TEST_CASE("cut-off: revoke reaches tokens that were disabled a while ago with their access kept",
          "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "old", "s1");
  ledger.run(ledger.as(team.member), core::DisableTokens{team.workspace, {token.id}, AccessFate::keep, ""});
  ledger.now += std::chrono::minutes{10};
  REQUIRE(is_live(ledger, token));
  const auto time = token.created_at + std::chrono::seconds{1};
  const auto outcome = ledger.run(ledger.as(team.admin),
                                  core::DisableIssuedBefore{team.workspace, time, team.member, AccessFate::revoke, {}});
  CHECK(outcome.count == 0);
  CHECK_FALSE(is_live(ledger, token));
}
