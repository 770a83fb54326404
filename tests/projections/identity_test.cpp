#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "projections/commands/usage.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

TEST_CASE("person: the first is the operator, names are unique in any case", "[projections][identity]") {
  LedgerFixture ledger;
  const projections::PeopleQueries queries{ledger.store()};
  CHECK_FALSE(value_of(queries.anybody()));
  const auto first = ledger.add_person("Ada");
  CHECK(value_of(queries.anybody()));
  const auto person = value_of(queries.find(first));
  REQUIRE(person);
  CHECK(person->is_operator());
  CHECK(value_of(queries.find_by_username("ada")) == person);
  core::CreateUser same;
  same.id = ledger.draw<core::UserId>();
  same.username = "aDA";
  same.display_name = "Another";
  CHECK(ledger.refusal(ledger.as(first), same) == Errc::already_exists);
  CHECK(ledger.refusal(ledger.as_system(), same) == Errc::forbidden);
  same.id = first;
  same.username = "other";
  CHECK(ledger.refusal(ledger.as(first), same) == Errc::already_exists);
}

TEST_CASE("session: good until it expires, the password changes, or its person signs out", "[projections][identity]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::PeopleQueries queries{ledger.store()};
  const core::SignIn sign_in{team.member, true, 1, digest_of("cookie"), ledger.now + std::chrono::hours{12}};
  ledger.run(ledger.as(team.member), sign_in);
  const auto session = value_of(queries.find_session(digest_of("cookie"), ledger.now));
  REQUIRE(session);
  CHECK(session->person.id == team.member);
  CHECK_FALSE(value_of(queries.find_session(digest_of("another"), ledger.now)));

  SECTION("expiry") {
    CHECK(value_of(queries.find_session(digest_of("cookie"), sign_in.session_expires_at - core::Duration{1})));
    CHECK_FALSE(value_of(queries.find_session(digest_of("cookie"), sign_in.session_expires_at)));
  }
  SECTION("password change; the old password signs in no more") {
    ledger.run(ledger.as(team.member), core::ChangePassword{team.member, "new", true});
    CHECK_FALSE(value_of(queries.find_session(digest_of("cookie"), ledger.now)));
    CHECK(ledger.refusal(ledger.as(team.member), sign_in) == Errc::unauthenticated);
  }
  SECTION("sign-out is no event") {
    const auto answer = value_of(ledger.execute(ledger.as(team.member), core::SignOut{digest_of("cookie")}));
    CHECK_FALSE(answer.sequence);
    CHECK_FALSE(value_of(queries.find_session(digest_of("cookie"), ledger.now)));
  }
}

TEST_CASE("sign-in: failures are recorded up to a bound, and leave no session", "[projections][identity]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::PeopleQueries queries{ledger.store()};
  const core::SignIn wrong{team.member, false, 1, digest_of("cookie"), ledger.now + std::chrono::hours{12}};
  const auto size = ledger.sequencer().durable_size();
  const auto recorded_max = core::limits::kSignInFailuresRecordedPerMinute;
  for (std::size_t index = 0; index < recorded_max + 5; ++index) {
    CHECK(ledger.refusal(ledger.as(team.member), wrong) == Errc::unauthenticated);
  }
  CHECK(ledger.sequencer().durable_size() == size + recorded_max);
  CHECK_FALSE(value_of(queries.find_session(digest_of("cookie"), ledger.now)));
  CHECK(value_of(queries.find(team.member))->failures_in_minute == recorded_max);
}

TEST_CASE("usage: the latest time and the sum, and no event", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "t", "s");
  const auto early = ledger.now + std::chrono::seconds{1};
  const auto late = ledger.now + std::chrono::seconds{9};
  const auto first = value_of(ledger.execute(ledger.as_system(), projections::RecordUsage{{{token.id, late, 2}}}));
  CHECK_FALSE(first.sequence);
  ledger.run(ledger.as_system(), projections::RecordUsage{{{token.id, early, 3}}});
  const auto usage = value_of(projections::load_usage(ledger.store(), token.id));
  REQUIRE(usage);
  CHECK(usage->last_used_at == late);
  CHECK(usage->count == 5);
  CHECK(value_of(projections::TokenQueries{ledger.store()}.find(team.workspace, token.id, ledger.now))->last_used_at ==
        late);
}
