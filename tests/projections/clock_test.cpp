#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "events/log/log.hpp"
#include "projections/commands/usage.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tests/support/ledger_fixture.hpp"

// What a clock that goes back, or was ahead, does to what lives for a time.

using namespace tally;
using core::Errc;
using events::Family;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;
using namespace std::chrono_literals;

namespace {

/// A token of a team whose ledger has an event that is dated `ahead` of the clock.
struct Ahead : LedgerFixture {
  explicit Ahead(core::Duration time, core::Policy policy = {}) {
    run(as(team.admin), core::ChangePolicy{team.workspace, policy});
    token = generate(team.workspace, team.member, "CI", "s0", 1);
    now += time;
    run(as(operator_person), core::CreateWorkspace{draw<core::WorkspaceId>(), "ahead"});
    now -= time;
  }
  core::RefreshToken::Outcome refresh(const std::string& presented, const std::string& successor) {
    return run(as_client(team.workspace), refresh_command(presented, successor));
  }
  core::Event last_event() {
    const auto head = value_of(events::load_head(store()));
    return *value_of(events::read_event(store(), core::Sequence{head.tree.size() - 1}));
  }

  SmallTeam team{*this};
  core::TokenState token;
  projections::TokenQueries queries{store()};
};

}  // namespace

TEST_CASE("clock: what is counted is counted from the command's reading, and the log's time goes on",
          "[projections][clock]") {
  Ahead world{50s};
  const auto refreshed = world.refresh("s0", "s1");
  CHECK(refreshed.issued_at_seconds == core::seconds_of(world.now));
  CHECK(refreshed.access_expires_at == world.now + 1h);
  CHECK(refreshed.token.last_refreshed_at == world.now);
  CHECK(world.last_event().recorded_at == world.now + 50s);
  CHECK(world.last_event().read_at == world.now);
  // The answer is what stands in the row.
  CHECK(value_of(world.queries.find_state(world.team.workspace, world.token.id)) == refreshed.token);

  const auto made = world.run(world.as(world.team.member), world.generate_command(world.team.workspace, "x", "t0", 1));
  CHECK(made.token.expires_at == world.now + 24h);
  CHECK(made.token.created_at == world.now + 50s);  // its place among the others
  CHECK(made.issued_at_seconds == core::seconds_of(world.now));
  const auto report = value_of(projections::rebuild(world.store(), projections::RebuildMode::check, {}));
  CHECK(report.differences == 0);
}

TEST_CASE("clock: a retry window is as long as it is, whatever the log's time", "[projections][clock]") {
  core::Policy policy;
  policy.refresh_retry_seconds = 2;
  Ahead world{50s, policy};
  world.refresh("s0", "s1");
  world.now += 2s;
  CHECK(world.refresh("s0", "s2").retried);
  world.now += 1us;
  CHECK(world.refusal(world.as_client(world.team.workspace), world.refresh_command("s0", "s3")) == Errc::secret_reused);
}

TEST_CASE("clock: a retry window that was opened ahead is none", "[projections][clock]") {
  Ahead world{0s};
  const auto ahead = GENERATE(core::Duration{60s}, core::Duration{60s + 1us}, core::Duration{2h});
  world.now += ahead;
  world.refresh("s0", "s1");
  world.now -= ahead;
  const auto again = world.execute(world.as_client(world.team.workspace), world.refresh_command("s0", "s2"));
  if (ahead == 60s) {
    CHECK(value_of(again).outcome.retried);
  } else {
    REQUIRE(again.has_error());
    CHECK(again.error().code == Errc::secret_reused);
  }
}

TEST_CASE("clock: an opaque access token says of itself what was said of it", "[projections][clock]") {
  core::Policy policy;
  policy.access_token_format = core::AccessTokenFormat::opaque;
  Ahead world{50s, policy};
  const auto command = world.refresh_command("s0", "s1");
  const auto refreshed = world.run(world.as_client(world.team.workspace), command);
  const auto found = value_of(world.queries.find_opaque_access(*command.access_token_hash));
  REQUIRE(found);
  CHECK(found->issued_at_seconds == refreshed.issued_at_seconds);
  CHECK(found->issued_at_seconds == core::seconds_of(world.now));
}

TEST_CASE("clock: a family that was made ahead is dead everywhere while it is", "[projections][clock]") {
  Ahead world{0s};
  const auto ahead = GENERATE(core::Duration{60s}, core::Duration{61s}, core::Duration{87'600h});
  world.now += ahead;
  const auto made = world.generate(world.team.workspace, world.team.member, "ahead", "t0", 1);
  const core::PresentedAccess access{world.team.workspace,
                                     made.id,
                                     made.owner,
                                     world.draw<core::AccessTokenId>(),
                                     {},
                                     core::seconds_of(world.now),
                                     core::seconds_of(world.now) + 3'600};
  world.now -= ahead;
  const bool is_live = ahead == 60s;
  const auto record = value_of(world.queries.find(world.team.workspace, made.id, world.now));
  CHECK(record->status == (is_live ? core::TokenStatus::active : core::TokenStatus::disabled));
  CHECK(value_of(world.queries.access_verdict(access, world.now)).is_live() == is_live);
  const auto refreshed = world.execute(world.as_client(world.team.workspace), world.refresh_command("t0", "t1"));
  CHECK(refreshed.has_value() == is_live);
  if (!is_live) CHECK(refreshed.error().code == Errc::token_disabled);
}

TEST_CASE("clock: a session that began further ahead than it lives is none", "[projections][clock]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::PeopleQueries people{ledger.store()};
  // As far ahead as it lives: a clock that is an hour behind ends none.
  constexpr core::Duration kMost = core::limits::kSessionLifetime + std::chrono::minutes{1};
  const auto ahead = GENERATE_COPY(core::Duration{1h}, kMost, kMost + 1us, core::Duration{87'600h});
  core::SignIn command;
  command.user = team.member;
  command.password_matched = true;
  command.credentials_version = 1;
  command.session_hash = digest_of("cookie");
  command.session_expires_at = ledger.now + ahead + core::limits::kSessionLifetime;
  ledger.run(ledger.as_system(), command);
  CHECK(value_of(people.find_session(command.session_hash, ledger.now)).has_value() == (ahead <= kMost));
  CHECK(value_of(people.find_session(command.session_hash, ledger.now + ahead)).has_value());
}

TEST_CASE("clock: whoever comes back after a clock was ahead is not dead for what was before", "[projections][clock]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::PeopleQueries people{ledger.store()};
  core::DeactivateUser gone;
  gone.user = team.member;
  gone.access = core::AccessFate::revoke;
  ledger.run(ledger.as(ledger.operator_person), gone);
  const core::Timestamp gone_at = ledger.now;
  CHECK(value_of(people.find(team.member))->access_revoked_at == gone_at);
  ledger.now += 1h;
  ledger.run(ledger.as(ledger.operator_person), core::ReactivateUser{team.member});
  CHECK(value_of(people.find(team.member))->access_revoked_at == gone_at);
}

TEST_CASE("clock: the last use of a token is one that can have been", "[projections][clock]") {
  Ahead world{0s};
  const auto use = [&](core::Timestamp at) {
    world.run(world.as_system(), projections::RecordUsage{{{world.token.id, at, 1}}});
    return *value_of(world.queries.last_used_at(world.token.id));
  };
  const core::Timestamp now = world.now;
  world.now += 1'000h;
  CHECK(use(world.now) == world.now);
  CHECK(use(now) == world.now);
  world.now = now;
  CHECK(use(now) == now);
}
