#include "projections/commands/clock_acceptance.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "events/log/log_time.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "projections/rebuild/salvage.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using events::Family;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;
using namespace std::chrono_literals;

namespace {

constexpr core::Duration kAhead = std::chrono::hours{480};

/// A ledger that was written to by a clock weeks ahead, and whose clock is right again; no writer has it open.
struct Poisoned : LedgerFixture {
  explicit Poisoned(std::unique_ptr<events::Store> store = events::make_memory_store())
      : LedgerFixture(std::move(store)) {
    older = generate(team.workspace, team.member, "older", "s0");
    run(as_system(), testing::signing_key_command(1, 0s));
    first_ahead = {sequencer().durable_size()};
    now += kAhead;
    made = generate(team.workspace, team.member, "made", "t0");
    child = generate(team.workspace, team.member, "child", "u0");
    kept = generate(team.workspace, team.member, "kept", "v0");
    run(as(team.member), core::DisableTokens{team.workspace, {kept.id}, core::AccessFate::keep, ""});
    run(as_client(team.workspace), refresh_command("s0", "s1"));
    sign_in("cookie");
    run(as_system(), testing::signing_key_command(2, 600s));
    now -= kAhead - 1min;
    stop();
  }
  void sign_in(const std::string& cookie) {
    core::SignIn command;
    command.user = team.member;
    command.password_matched = true;
    command.credentials_version = 1;
    command.session_hash = digest_of(cookie);
    command.session_expires_at = now + core::limits::kSessionLifetime;
    run(as_system(), command);
  }
  events::LedgerHead head() { return value_of(events::load_head(store())); }
  core::Result<std::optional<projections::AcceptedClock>> accept(projections::AcceptanceBounds bounds = {}) {
    return projections::accept_clock(store(), head(), inline_projections(), [this] { return as_system(); }, bounds);
  }
  core::TokenState state_of(const core::TokenState& token) {
    return *value_of(projections::load_token(store(), team.workspace, token.id));
  }
  std::size_t rows_in(Family family) {
    std::size_t rows = 0;
    for (const auto cursor = store().scan(family, {}); cursor->valid(); cursor->next()) ++rows;
    return rows;
  }
  std::vector<std::string> types_from(core::Sequence from) {
    std::vector<std::string> types;
    events::LogCursor log{store(), from};
    while (const auto event = value_of(log.next())) types.emplace_back(core::name_of(core::type_of(event->payload)));
    return types;
  }

  SmallTeam team{*this};
  core::TokenState older, made, child, kept;
  core::Sequence first_ahead;
};

void check_is_cured(Poisoned& world) {
  CHECK(world.head().correction->is_completed);
  CHECK(world.head().last_recorded_at <= world.now);
  for (const core::TokenState& token : {world.made, world.child}) {
    CHECK(world.state_of(token).mark == core::TokenMark::disabled);
    CHECK(world.state_of(token).stop_cause == core::DisableCause::clock);
    CHECK(world.state_of(token).access_revoked_at.has_value());
  }
  CHECK(world.state_of(world.kept).stop_cause == core::DisableCause::requested);
  CHECK(world.state_of(world.kept).access_revoked_at.has_value());
  CHECK(world.rows_in(Family::session) == 0);
  CHECK(world.rows_in(Family::session_by_user) == 0);
  CHECK(world.rows_in(Family::retry) == 0);
  const auto report = value_of(projections::rebuild(world.store(), projections::RebuildMode::check, {}));
  CHECK(report.differences == 0);
}

}  // namespace

TEST_CASE("clock acceptance: what was made meanwhile is stopped, and time goes on from the clock's",
          "[projections][clock]") {
  Poisoned world;
  const std::uint64_t size = world.head().tree.size();
  const auto ahead = value_of(projections::find_ahead(world.store(), world.head(), world.now));
  CHECK(ahead.first == world.first_ahead);
  CHECK(ahead.count == size - world.first_ahead.value);

  const auto done = value_of(world.accept());
  REQUIRE(done);
  CHECK(done->tokens_disabled == 2);
  CHECK(done->keys_retired == 1);
  CHECK(done->rows_dropped == 3);
  check_is_cured(world);
  CHECK(world.types_from({size}) == std::vector<std::string>{"ClockAccepted", "TokenDisabled", "TokenDisabled",
                                                             "AccessRevoked", "SigningKeyRetired",
                                                             "ClockAcceptanceCompleted"});
  const auto accepted = *value_of(events::read_event(world.store(), {size}));
  CHECK(accepted.recorded_at == world.now);
  CHECK(std::get<core::ClockAccepted>(accepted.payload).first_ahead == world.first_ahead);
  CHECK(value_of(projections::find_ahead(world.store(), world.head(), world.now)).count == 0);

  SECTION("the older family lives, as long as it was to") {
    world.start();
    const auto refreshed = world.run(world.as_client(world.team.workspace), world.refresh_command("s1", "s2"));
    CHECK(refreshed.access_expires_at == world.now + 1h);
    CHECK(refreshed.token.expires_at == world.older.expires_at);
  }
  SECTION("its spent refresh token opens nothing") {
    world.start();
    CHECK(world.refusal(world.as_client(world.team.workspace), world.refresh_command("s0", "s2")) ==
          Errc::secret_reused);
  }
  SECTION("a second call has nothing to do") {
    const std::uint64_t size_then = world.head().tree.size();
    CHECK_FALSE(value_of(world.accept()));
    CHECK(world.head().tree.size() == size_then);
  }
  SECTION("another key can be added") {
    world.start();
    world.run(world.as_system(), testing::signing_key_command(3, 600s));
  }
}

TEST_CASE("clock acceptance: a cut-off that was moved ahead is taken back", "[projections][clock]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto access = GENERATE(core::AccessFate::keep, core::AccessFate::revoke);
  const auto older = ledger.generate(team.workspace, team.member, "older", "s0");
  ledger.now += kAhead;
  core::DisableIssuedBefore cut_off;
  cut_off.workspace = team.workspace;
  cut_off.time = ledger.now;
  cut_off.access = access;
  ledger.run(ledger.as(team.admin), cut_off);
  ledger.now -= kAhead - 1min;
  ledger.stop();
  const auto done =
      value_of(projections::accept_clock(ledger.store(), value_of(events::load_head(ledger.store())),
                                         ledger.inline_projections(), [&] { return ledger.as_system(); }));
  REQUIRE(done);
  ledger.start();
  ledger.now += 1s;
  const auto made = ledger.generate(team.workspace, team.member, "new", "t0");
  const projections::TokenQueries queries{ledger.store()};
  CHECK(value_of(queries.find(team.workspace, made.id, ledger.now))->status == core::TokenStatus::active);
  CHECK(value_of(queries.find(team.workspace, older.id, ledger.now))->status == core::TokenStatus::disabled);
  const core::PresentedAccess presented{team.workspace,
                                        made.id,
                                        made.owner,
                                        ledger.draw<core::AccessTokenId>(),
                                        {},
                                        core::seconds_of(ledger.now),
                                        core::seconds_of(ledger.now) + 60};
  CHECK(value_of(queries.access_verdict(presented, ledger.now)).is_live());
  // As it was before the correction, and as it is.
  CHECK(value_of(queries.find_as_of(team.workspace, made.id, ledger.now))->status == core::TokenStatus::active);
  const auto report = value_of(projections::rebuild(ledger.store(), projections::RebuildMode::check, {}));
  CHECK(report.differences == 0);
}

TEST_CASE("clock acceptance: a ledger that is not ahead is left alone", "[projections][clock]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  ledger.stop();
  ledger.now -= GENERATE(core::Duration{0}, core::Duration{60s});
  const auto head = value_of(events::load_head(ledger.store()));
  CHECK_FALSE(value_of(projections::accept_clock(ledger.store(), head, ledger.inline_projections(),
                                                 [&] { return ledger.as_system(); })));
  CHECK(value_of(events::load_head(ledger.store())).tree.size() == head.tree.size());
}

TEST_CASE("clock acceptance: cut short anywhere, it is finished by the next call, once", "[projections][clock]") {
  const auto outcome = GENERATE(testing::FailedCommit::lost, testing::FailedCommit::kept);
  for (std::uint64_t fail_at = 1;; ++fail_at) {
    CAPTURE(fail_at);
    Poisoned world;
    testing::FaultPlan plan{fail_at};
    testing::FaultyStore faulty{world.store(), plan, outcome};
    const auto cut_short = projections::accept_clock(faulty, world.head(), world.inline_projections(),
                                                     [&] { return world.as_system(); }, {1, 1});
    if (!plan.has_struck()) break;
    // A minute later somebody tries again.
    world.now += 1min;
    const auto again = value_of(world.accept({1, 1}));
    if (cut_short.has_value()) CHECK_FALSE(again);
    check_is_cured(world);
    std::size_t corrections = 0;
    std::uint64_t disabled = 0;
    for (const std::string& type : world.types_from({0})) corrections += type == "ClockAccepted" ? 1 : 0;
    events::LogCursor log{world.store(), {0}};
    while (const auto event = value_of(log.next())) {
      const auto* completed = std::get_if<core::ClockAcceptanceCompleted>(&event->payload);
      if (completed != nullptr) disabled += completed->tokens_disabled;
    }
    CHECK(corrections == 1);
    CHECK(disabled == 2);
  }
}

TEST_CASE("clock acceptance: a ledger that is made of the log alone knows of it", "[projections][clock]") {
  Poisoned world;
  REQUIRE(value_of(world.accept()));
  const auto into = events::make_memory_store();
  value_of(projections::salvage({world.store().snapshot(), {Family::log}}, *into, [](const auto&) {}));
  const auto head = value_of(events::load_head(*into));
  CHECK(head.correction == world.head().correction);
  CHECK(head.last_recorded_at == world.head().last_recorded_at);
  CHECK(value_of(events::events_until(*into, head, world.now - 1s)) == world.first_ahead.value);
}

TEST_CASE("clock acceptance: a second excursion has its own", "[projections][clock]") {
  Poisoned world;
  REQUIRE(value_of(world.accept()));
  world.start();
  world.now += 2h;
  const auto late = world.generate(world.team.workspace, world.team.member, "late", "w0");
  world.now -= 2h;
  world.stop();
  const auto done = value_of(world.accept());
  REQUIRE(done);
  CHECK(done->tokens_disabled == 1);
  CHECK(world.state_of(late).stop_cause == core::DisableCause::clock);
  check_is_cured(world);
}
