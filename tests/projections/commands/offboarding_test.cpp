#include <catch2/catch.hpp>

#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using core::TokenStatus;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

core::TokenState state_of(LedgerFixture& ledger, const core::TokenState& token) {
  return value_of(projections::TokenQueries{ledger.store()}.find(token.workspace, token.id, ledger.now))->state;
}

}  // namespace

TEST_CASE("offboarding: deactivating a person disables their tokens everywhere, in one append",
          "[projections][identity]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto second = ledger.add_workspace("Second");
  ledger.put_member(second, team.member, core::Role::admin);
  const auto expired = ledger.generate(team.workspace, team.member, "expired", "s0", 1);
  ledger.now += std::chrono::hours{25};
  const std::vector tokens{ledger.generate(team.workspace, team.member, "a", "s1"),
                           ledger.generate(team.workspace, team.member, "b", "s2"),
                           ledger.generate(second, team.member, "c", "s3")};
  const auto other = ledger.generate(team.workspace, team.admin, "another's", "s4");
  ledger.run(ledger.as(team.member), core::DisableTokens{second, {tokens[2].id}, core::AccessFate::keep, "mine"});
  const auto size = ledger.sequencer().durable_size();

  const auto answer = value_of(ledger.execute(ledger.as(ledger.operator_person), core::DeactivateUser{team.member}));

  CHECK(answer.outcome.tokens.tokens_disabled == 2);
  CHECK(answer.outcome.person.deactivated_at == ledger.now);
  CHECK(answer.outcome.tokens.access_revoked == 1);
  CHECK(answer.sequence == core::Sequence{size + 3});
  for (const auto& token : {tokens[0], tokens[1]}) {
    CHECK(state_of(ledger, token).mark == core::TokenMark::disabled);
    CHECK(state_of(ledger, token).stop_cause == core::DisableCause::offboarding);
  }
  CHECK(state_of(ledger, tokens[2]).stop_cause == core::DisableCause::requested);
  CHECK(state_of(ledger, other).mark == core::TokenMark::active);
  CHECK(state_of(ledger, expired).mark == core::TokenMark::active);
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("s1", "x")) == Errc::token_disabled);
  CHECK(ledger.refusal(ledger.as(team.member), ledger.generate_command(team.workspace, "new", "s5")) ==
        Errc::forbidden);
  const auto again = value_of(ledger.execute(ledger.as(ledger.operator_person), core::DeactivateUser{team.member}));
  CHECK_FALSE(again.sequence);
  CHECK(again.outcome.tokens.tokens_disabled == 0);
}

TEST_CASE("offboarding: removing a member disables their tokens there, and nowhere else", "[projections][workspace]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::WorkspaceQueries queries{ledger.store()};
  const auto second = ledger.add_workspace("Second");
  ledger.put_member(second, team.member, core::Role::member);
  const auto here = ledger.generate(team.workspace, team.member, "here", "s1");
  const auto there = ledger.generate(second, team.member, "there", "s2");
  CHECK(ledger.refusal(ledger.as(team.member), core::RemoveMember{team.workspace, team.member}) == Errc::forbidden);

  CHECK(ledger.run(ledger.as(team.admin), core::RemoveMember{team.workspace, team.member}).tokens.tokens_disabled == 1);

  CHECK(state_of(ledger, here).stop_cause == core::DisableCause::offboarding);
  CHECK(state_of(ledger, there).mark == core::TokenMark::active);
  CHECK_FALSE(value_of(queries.find_member(team.workspace, team.member)));
  const auto left = value_of(queries.memberships_of(team.member, 10, {}));
  REQUIRE(left.items.size() == 1);
  CHECK(left.items.front().workspace.id == second);
  CHECK(ledger.refusal(ledger.as(team.member), ledger.generate_command(team.workspace, "x", "s3")) == Errc::not_found);
  CHECK(ledger.refusal(ledger.as(team.admin), core::RemoveMember{team.workspace, team.member}) == Errc::not_found);
}

TEST_CASE("offboarding: a deactivated person's sessions end", "[projections][identity]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::PeopleQueries queries{ledger.store()};
  const auto sign_in = [&](core::UserId user, const std::string& cookie, std::chrono::hours lifetime) {
    ledger.run(ledger.as(user), core::SignIn{user, true, 1, digest_of(cookie), ledger.now + lifetime});
  };
  sign_in(team.member, "ended", std::chrono::hours{1});
  ledger.now += std::chrono::hours{2};
  for (const char* cookie : {"one", "two", "left"}) sign_in(team.member, cookie, std::chrono::hours{12});
  sign_in(team.admin, "another's", std::chrono::hours{12});
  ledger.run(ledger.as(team.member), core::SignOut{digest_of("left")});
  REQUIRE(value_of(queries.find_session(digest_of("one"), ledger.now)));

  SECTION("where they are removed from a workspace they stay signed in") {
    ledger.run(ledger.as(team.admin), core::RemoveMember{team.workspace, team.member});
    CHECK(value_of(queries.find_session(digest_of("one"), ledger.now)));
  }
  SECTION("where they are deactivated not") {
    const auto done = ledger.run(ledger.as(ledger.operator_person), core::DeactivateUser{team.member});
    CHECK(done.sessions_ended == 2);
    for (const char* cookie : {"ended", "one", "two", "left"}) {
      CHECK_FALSE(value_of(ledger.store().get(events::Family::session, core::as_text(digest_of(cookie).bytes))));
    }
    CHECK(value_of(queries.find_session(digest_of("another's"), ledger.now)));
    const auto cursor = ledger.store().scan(events::Family::session_by_user, {});
    int left = 0;
    for (; cursor->valid(); cursor->next()) ++left;
    CHECK(left == 1);
  }
}
