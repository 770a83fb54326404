#include <map>

#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "projections/queries/offboarding_queries.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::AccessFate;
using core::Errc;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// A member with more tokens than an append of the tests stops, and everything that asks about them.
struct Leaving {
  explicit Leaving(int count = 7) {
    for (int index = 0; index < count; ++index) {
      ledger.now += std::chrono::milliseconds{2};
      access.push_back(ledger.generate_command(team.workspace, "t", secret(index)));
      ledger.run(ledger.as(team.member), access.back());
    }
    ledger.now += std::chrono::milliseconds{2};
    core::ImportLegacyTokens legacy{team.workspace, {}};
    legacy.tokens.push_back({ledger.draw<core::TokenId>(), digest_of("legacy"), team.member, "old", ledger.now,
                             ledger.now + std::chrono::days{9}});
    ledger.run(ledger.as(team.admin), legacy);
    ledger.now += std::chrono::seconds{2};
  }

  static std::string secret(int index) { return "s" + std::to_string(index); }
  core::CommandContext as_operator() { return ledger.as(ledger.operator_person); }

  core::Offboarded remove(AccessFate fate = AccessFate::revoke) {
    core::RemoveMember command{team.workspace, team.member};
    command.access = fate;
    command.bounds = kBounds;
    return ledger.run(ledger.as(team.admin), command).tokens;
  }
  core::DeactivateUser::Outcome deactivate(AccessFate fate = AccessFate::revoke) {
    core::DeactivateUser command{team.member};
    command.access = fate;
    command.bounds = kBounds;
    return ledger.run(as_operator(), command);
  }
  projections::Answer<core::ContinueOffboarding> step(core::WorkspaceId workspace,
                                                      core::OffboardingPosition position = {}) {
    return ledger.execute(ledger.as_system(), core::ContinueOffboarding{team.member, workspace, position, kBounds});
  }
  /// All the steps that are left; how many there were.
  int finish(core::WorkspaceId workspace,
             std::optional<core::OffboardingPosition> position = core::OffboardingPosition{}) {
    int steps = 0;
    for (; position; ++steps) position = value_of(step(workspace, *position)).outcome.next;
    return steps;
  }

  bool is_live(int index) {
    const core::GenerateToken& made = access[static_cast<std::size_t>(index)];
    const auto token = value_of(projections::load_token(ledger.store(), team.workspace, made.id));
    const core::PresentedAccess presented{team.workspace,
                                          made.id,
                                          team.member,
                                          made.access_token,
                                          {},
                                          core::seconds_of(token->created_at),
                                          core::seconds_of(token->access_expires_at)};
    return value_of(tokens.access_verdict(presented, ledger.now)).is_live();
  }
  Errc refresh(int index) {
    return ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command(secret(index), "x"));
  }
  Errc exchange(int index) {
    const core::GenerateToken& made = access[static_cast<std::size_t>(index)];
    core::ExchangeAccessToken command;
    command.client = team.workspace;
    command.token = made.id;
    command.owner = team.member;
    command.subject.id = made.access_token;
    command.subject.issued_at_seconds = core::seconds_of(ledger.now) - 1;
    command.subject.expires_at = ledger.now + std::chrono::minutes{5};
    command.access_token = ledger.draw<core::AccessTokenId>();
    return ledger.refusal(ledger.as_client(team.workspace), command);
  }
  bool accepts_legacy() {
    return value_of(tokens.accepted_legacy_token({}, digest_of("legacy"), ledger.now)).has_value();
  }
  core::TokenStatus status(int index) {
    return value_of(tokens.find(team.workspace, access[static_cast<std::size_t>(index)].id, ledger.now))->status;
  }
  std::vector<core::Event> events_from(std::uint64_t sequence) {
    std::vector<core::Event> events;
    events::LogCursor log{ledger.store(), core::Sequence{sequence}};
    while (auto event = value_of(log.next())) events.push_back(*std::move(event));
    return events;
  }
  std::optional<core::Ending> ending() { return value_of(projections::load_ending(ledger.store(), team.member)); }
  std::uint64_t size() { return ledger.sequencer().durable_size(); }

  static constexpr core::StopBounds kBounds{2, 100};
  LedgerFixture ledger;
  SmallTeam team{ledger};
  projections::TokenQueries tokens{ledger.store()};
  projections::OffboardingQueries offboarding{ledger.store()};
  std::vector<core::GenerateToken> access;
};

}  // namespace

TEST_CASE("offboarding: a thousand tokens go in one run of events, behind the one that lets their owner go",
          "[projections][offboarding]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  core::Policy policy;
  policy.max_active_tokens_per_user = 2'000;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  for (int index = 0; index < 1'000; ++index) {
    ledger.generate(team.workspace, team.member, "t", Leaving::secret(index));
  }
  const std::uint64_t before = ledger.sequencer().durable_size();
  const bool deactivates = GENERATE(true, false);
  const auto tokens = deactivates
                          ? ledger.run(ledger.as(ledger.operator_person), core::DeactivateUser{team.member}).tokens
                          : ledger.run(ledger.as(team.admin), core::RemoveMember{team.workspace, team.member}).tokens;

  CHECK(tokens.tokens_disabled == 1'000);
  CHECK_FALSE(tokens.next);
  REQUIRE(ledger.sequencer().durable_size() == before + 1'001);
  events::LogCursor log{ledger.store(), core::Sequence{before}};
  const auto first = value_of(log.next());
  CHECK(core::type_of(first->payload) ==
        (deactivates ? core::EventType::user_deactivated : core::EventType::member_removed));
  while (const auto event = value_of(log.next())) {
    REQUIRE(std::get<core::TokenDisabled>(event->payload) ==
            core::TokenDisabled{core::DisableCause::offboarding, AccessFate::revoke, ""});
  }
  CHECK(value_of(projections::OffboardingQueries{ledger.store()}.unfinished()).empty());
}

TEST_CASE("offboarding: from the first append on no door lets anything of theirs pass, however much is left",
          "[projections][offboarding]") {
  Leaving world;
  const bool deactivates = GENERATE(true, false);
  const AccessFate fate = GENERATE(AccessFate::revoke, AccessFate::keep);
  const core::WorkspaceId where = deactivates ? core::WorkspaceId{} : world.team.workspace;
  REQUIRE(world.is_live(6));
  REQUIRE(world.accepts_legacy());
  const std::uint64_t before = world.size();

  const auto first = deactivates ? world.deactivate(fate).tokens : world.remove(fate);

  CHECK(first.tokens_disabled == 2);
  REQUIRE(first.next);
  CHECK(world.size() == before + 3);
  CHECK(value_of(world.offboarding.unfinished()) == std::vector<projections::Unfinished>{{world.team.member, where}});
  std::optional<core::OffboardingPosition> position = first.next;
  for (int steps = 0; position; ++steps) {
    INFO("after " << steps << " steps");
    for (int index = 0; index < 7; ++index) {
      CHECK(world.is_live(index) == (fate == AccessFate::keep));
      CHECK(world.refresh(index) == Errc::token_disabled);
      CHECK(world.exchange(index) == Errc::token_disabled);
      CHECK(world.status(index) == core::TokenStatus::disabled);
    }
    CHECK_FALSE(world.accepts_legacy());
    CHECK(world.ledger.refusal(world.as_operator(),
                               core::PutMember{world.team.workspace, world.team.member,
                                               deactivates ? core::Role::admin : core::Role::member}) ==
          Errc::conflict);
    position = value_of(world.step(where, *position)).outcome.next;
    REQUIRE(steps < 10);
  }
  CHECK_FALSE(world.ending());
  CHECK(world.size() == before + 1 + 8 + 1);
  const core::Event last = world.events_from(world.size() - 1).front();
  CHECK(last.subject == core::subject_of(world.team.member));
  CHECK(last.workspace == (deactivates ? std::nullopt : std::optional{where}));
  CHECK(std::get<core::OffboardingCompleted>(last.payload) == core::OffboardingCompleted{8, 0});
  for (int index = 0; index < 7; ++index) CHECK(world.is_live(index) == (fate == AccessFate::keep));
  // Another step finds nothing to do.
  CHECK_FALSE(value_of(world.step(where)).sequence);
}

TEST_CASE("offboarding: with `keep` access tokens run out at their end, and what is kept longest is told",
          "[projections][offboarding]") {
  Leaving world;
  const auto first = world.remove(AccessFate::keep);
  world.finish(world.team.workspace, first.next);
  CHECK(first.access_expires_at > world.ledger.now + std::chrono::minutes{59});
  CHECK(world.is_live(0));
  world.ledger.now += std::chrono::hours{1};
  CHECK_FALSE(world.is_live(0));
}

TEST_CASE("offboarding: what was stopped before, and has access tokens, is revoked too", "[projections][offboarding]") {
  Leaving world{3};
  world.ledger.run(
      world.ledger.as(world.team.member),
      core::DeleteTokens{world.team.workspace, {world.access[0].id, world.access[1].id}, AccessFate::keep, ""});
  REQUIRE(world.is_live(0));
  const auto first = world.remove();
  CHECK(first.access_revoked == 2);
  CHECK(first.tokens_disabled == 0);
  CHECK_FALSE(world.is_live(0));
  world.finish(world.team.workspace, first.next);
  CHECK_FALSE(world.is_live(1));
  CHECK(std::get<core::OffboardingCompleted>(world.events_from(world.size() - 1).front().payload) ==
        core::OffboardingCompleted{2, 2});
}

TEST_CASE("offboarding: a step looks at no more rows than it may", "[projections][offboarding]") {
  Leaving world{6};
  std::vector<core::TokenId> ids;
  for (const auto& made : world.access) ids.push_back(made.id);
  world.ledger.run(world.ledger.as(world.team.member),
                   core::DeleteTokens{world.team.workspace, ids, AccessFate::revoke, ""});
  core::RemoveMember command{world.team.workspace, world.team.member};
  command.bounds = {100, 4};
  const auto first = world.ledger.run(world.ledger.as(world.team.admin), command).tokens;
  CHECK(first.tokens_disabled == 0);
  REQUIRE(first.next);
  const std::uint64_t before = world.size();
  const core::ContinueOffboarding step{world.team.member, world.team.workspace, *first.next, command.bounds};
  const auto second = value_of(world.ledger.execute(world.ledger.as_system(), step));
  CHECK_FALSE(second.sequence);
  REQUIRE(second.outcome.next);
  world.finish(world.team.workspace, second.outcome.next);
  CHECK(world.size() == before + 2);  // the imported one, and that all is done
}

TEST_CASE("offboarding: after a restart in between everything is dead, and the rest is done once",
          "[projections][offboarding]") {
  Leaving world;
  const bool deactivates = GENERATE(true, false);
  const core::WorkspaceId where = deactivates ? core::WorkspaceId{} : world.team.workspace;
  const auto first = deactivates ? world.deactivate().tokens : world.remove();
  const int steps_before = GENERATE(0, 1, 2);
  auto position = first.next;
  for (int step = 0; step < steps_before; ++step) position = value_of(world.step(where, *position)).outcome.next;
  world.ledger.stop();
  world.ledger.start();

  for (int index = 0; index < 7; ++index) CHECK_FALSE(world.is_live(index));
  CHECK(world.refresh(6) == Errc::token_disabled);
  const auto left = value_of(world.offboarding.unfinished());
  REQUIRE(left == std::vector<projections::Unfinished>{{world.team.member, where}});
  world.finish(where);
  CHECK(value_of(world.offboarding.unfinished()).empty());
  std::map<core::TokenId, int> disabled;
  int completed = 0;
  for (const core::Event& event : world.events_from(0)) {
    if (std::holds_alternative<core::TokenDisabled>(event.payload)) ++disabled[core::TokenId{event.subject.id}];
    completed += std::holds_alternative<core::OffboardingCompleted>(event.payload) ? 1 : 0;
  }
  CHECK(completed == 1);
  CHECK(disabled.size() == 8);
  for (const auto& [id, times] : disabled) CHECK(times == 1);
}

TEST_CASE("offboarding: who was let go with `keep` can still be revoked, before the steps are done and after",
          "[projections][offboarding]") {
  Leaving world;
  auto kept = world.deactivate(AccessFate::keep).tokens.next;
  REQUIRE(kept);
  const int steps_between = GENERATE(0, 2, 9);
  for (int step = 0; step < steps_between && kept; ++step) kept = value_of(world.step({}, *kept)).outcome.next;
  REQUIRE(world.is_live(0));

  const auto again = world.deactivate();

  CHECK(again.person.access_revoked_at == world.ledger.now);
  for (int index = 0; index < 7; ++index) CHECK_FALSE(world.is_live(index));
  // The steps that began with `keep` begin anew: they have passed what must be revoked now.
  const auto position = kept ? kept : again.tokens.next;
  REQUIRE(position);
  world.finish({}, position);
  CHECK_FALSE(world.ending());
  for (const auto& made : world.access) {
    CHECK(value_of(world.tokens.find_state(world.team.workspace, made.id))->access_revoked_at);
  }
  const auto third = value_of(world.ledger.execute(world.as_operator(), core::DeactivateUser{world.team.member}));
  CHECK_FALSE(third.sequence);
  CHECK_FALSE(third.outcome.tokens.next);
}

TEST_CASE("offboarding: whoever asks again while it is under way helps to finish it", "[projections][offboarding]") {
  Leaving world;
  REQUIRE(world.deactivate().tokens.next);
  const auto again = world.deactivate();
  CHECK(again.tokens.tokens_disabled == 0);
  REQUIRE(again.tokens.next);
  world.finish({}, again.tokens.next);
  CHECK_FALSE(world.ending());
}

TEST_CASE("offboarding: a position is good for what it was told for", "[projections][offboarding]") {
  Leaving world;
  auto position = world.remove().next;
  REQUIRE(position);
  position->since.value += 1;
  position->after = world.access.back().id;
  CHECK(world.finish(world.team.workspace, position) == 3);
  for (const auto& made : world.access) {
    CHECK(value_of(world.tokens.find_state(world.team.workspace, made.id))->mark == core::TokenMark::disabled);
  }
}

TEST_CASE("offboarding: a person can leave several places at once", "[projections][offboarding]") {
  Leaving world;
  const auto second = world.ledger.add_workspace("Second");
  world.ledger.put_member(second, world.team.member, core::Role::member);
  for (int index = 20; index < 25; ++index) {
    world.ledger.generate(second, world.team.member, "t", Leaving::secret(index));
  }
  world.ledger.now += std::chrono::seconds{2};
  const auto here = world.remove(AccessFate::keep).next;
  const auto everywhere = world.deactivate().tokens.next;
  REQUIRE(here);
  REQUIRE(everywhere);
  CHECK(world.ending()->parts.size() == 2);
  // Kept where they were removed; and yet dead, for now they are gone.
  CHECK_FALSE(world.is_live(6));
  world.finish(world.team.workspace, here);
  REQUIRE(world.ending());
  CHECK(world.ending()->parts.size() == 1);
  world.finish({}, everywhere);
  CHECK_FALSE(world.ending());
  CHECK_FALSE(world.is_live(6));
}

TEST_CASE("offboarding: whoever comes back has new tokens only", "[projections][offboarding]") {
  Leaving world;
  world.finish(world.team.workspace, world.remove().next);
  world.ledger.put_member(world.team.workspace, world.team.member, core::Role::member);
  const auto fresh = world.ledger.generate(world.team.workspace, world.team.member, "new", "fresh");
  for (int index = 0; index < 7; ++index) {
    CHECK_FALSE(world.is_live(index));
    CHECK(world.refresh(index) == Errc::token_disabled);
  }
  CHECK_FALSE(world.accepts_legacy());
  CHECK(world.ledger.run(world.ledger.as_client(world.team.workspace), world.ledger.refresh_command("fresh", "f1"))
            .token.id == fresh.id);
}

TEST_CASE("offboarding: nothing is imported for who is gone", "[projections][offboarding]") {
  Leaving world;
  world.finish({}, world.deactivate().tokens.next);
  core::ImportLegacyTokens legacy{world.team.workspace, {}};
  legacy.tokens.push_back({world.ledger.draw<core::TokenId>(), digest_of("late"), world.team.member, "late",
                           world.ledger.now, world.ledger.now + std::chrono::days{9}});
  const auto answer = world.ledger.run(world.ledger.as(world.team.admin), legacy);
  CHECK(answer.results.front().outcome == core::ImportOutcome::unknown_owner);
}

TEST_CASE("offboarding: a workspace without an active admin is named", "[projections][offboarding]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::OffboardingQueries queries{ledger.store()};
  const auto second = ledger.add_workspace("Second");
  ledger.put_member(second, team.admin, core::Role::admin);
  ledger.put_member(second, team.member, core::Role::admin);
  CHECK(value_of(queries.without_admin(team.admin)).empty());
  ledger.run(ledger.as(ledger.operator_person), core::DeactivateUser{team.admin});
  CHECK(value_of(queries.without_admin(team.admin)) == std::vector{team.workspace});
  ledger.run(ledger.as(ledger.operator_person), core::RemoveMember{second, team.member});
  CHECK(value_of(queries.without_admin(second)) == std::vector{second});
  CHECK(value_of(queries.without_admin(team.admin)).size() == 2);
}
