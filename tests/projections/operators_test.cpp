#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "projections/commands/idempotency.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using core::ServerStanding;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// The names of the events from `first` on.
std::vector<std::string> recorded_since(LedgerFixture& ledger, std::uint64_t first) {
  std::vector<std::string> names;
  for (std::uint64_t number = first; number < ledger.sequencer().durable_size(); ++number) {
    const auto event = value_of(events::read_event(ledger.store(), core::Sequence{number}));
    names.emplace_back(core::name_of(core::type_of(event->payload)));
  }
  return names;
}

void appoint(LedgerFixture& ledger, core::UserId user, ServerStanding standing) {
  ledger.run(ledger.as(ledger.operator_person), core::SetOperator{user, standing});
}

ServerStanding standing_of(LedgerFixture& ledger, core::UserId user) {
  return value_of(projections::load_server_standing(ledger.store(), user));
}

core::RecoverOperator recovery(LedgerFixture& ledger, const std::string& name, core::Uuid nonce = {}) {
  return {name,
          "new verifier",
          nonce.is_nil() ? core::RecoveryMeans::command : core::RecoveryMeans::file,
          nonce,
          core::UnknownPerson::refuse,
          ledger.draw<core::UserId>()};
}

}  // namespace

TEST_CASE("operators: the first person is break-glass, and each appointed one is known by their row",
          "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  CHECK(standing_of(ledger, ledger.operator_person) == ServerStanding::break_glass);
  CHECK(standing_of(ledger, team.member) == ServerStanding::none);
  appoint(ledger, team.member, ServerStanding::operator_person);
  CHECK(standing_of(ledger, team.member) == ServerStanding::operator_person);
  ledger.run(ledger.as(team.member), core::CreateWorkspace{ledger.draw<core::WorkspaceId>(), "theirs"});
  appoint(ledger, team.member, ServerStanding::none);
  CHECK(standing_of(ledger, team.member) == ServerStanding::none);
  CHECK(ledger.refusal(ledger.as(team.member),
                       core::CreateWorkspace{ledger.draw<core::WorkspaceId>(), "not any more"}) == Errc::forbidden);
}

TEST_CASE("operators: who is deactivated is no break-glass account that could be left", "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  appoint(ledger, team.admin, ServerStanding::operator_person);
  const auto as_other = [&] { return ledger.as(team.admin); };
  const core::DeactivateUser out{ledger.operator_person};
  const core::SetOperator down{ledger.operator_person, ServerStanding::operator_person};
  CHECK(ledger.refusal(as_other(), out) == Errc::last_break_glass);
  CHECK(ledger.refusal(as_other(), down) == Errc::last_break_glass);
  CHECK(ledger.refusal(ledger.as(ledger.operator_person), down) == Errc::last_break_glass);
  appoint(ledger, team.member, ServerStanding::break_glass);
  ledger.run(as_other(), core::DeactivateUser{team.member});
  CHECK(standing_of(ledger, team.member) == ServerStanding::break_glass);
  CHECK(ledger.refusal(as_other(), out) == Errc::last_break_glass);
  ledger.run(as_other(), core::ReactivateUser{team.member});
  ledger.run(as_other(), out);
}

TEST_CASE("operators: who is reactivated has sign-in and roles, and none of their tokens", "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "robot", "s0");
  ledger.run(ledger.as(ledger.operator_person), core::DeactivateUser{team.member});
  ledger.run(ledger.as(ledger.operator_person), core::ReactivateUser{team.member});
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1")) == Errc::token_disabled);
  const auto row = value_of(projections::load_token(ledger.store(), team.workspace, token.id));
  CHECK(row->mark == core::TokenMark::disabled);
  ledger.generate(team.workspace, team.member, "another", "s2");
}

TEST_CASE("recovery: one append gives the account back, and ends the sessions", "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto before = ledger.sequencer().durable_size();
  const auto outcome = ledger.run(ledger.as_system(), recovery(ledger, "operator"));
  CHECK(outcome.person.credentials_version == 2);
  CHECK(outcome.person.password_verifier == "new verifier");
  CHECK(recorded_since(ledger, before) == std::vector<std::string>{"OperatorRecovered", "PasswordChanged"});
  CHECK(ledger.refusal(ledger.as_system(), recovery(ledger, "nobody")) == Errc::not_found);
  CHECK(ledger.refusal(ledger.as(ledger.operator_person), recovery(ledger, "operator")) == Errc::forbidden);
}

TEST_CASE("recovery: a file's nonce counts once, however often it is found", "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto nonce = ledger.draw<core::EventId>().uuid();
  CHECK_FALSE(ledger.run(ledger.as_system(), recovery(ledger, "operator", nonce)).was_done_before);
  ledger.run(ledger.as(ledger.operator_person), core::ChangePassword{ledger.operator_person, "chosen since", true, {}});
  const auto before = ledger.sequencer().durable_size();
  const auto again = ledger.run(ledger.as_system(), recovery(ledger, "operator", nonce));
  CHECK(again.was_done_before);
  CHECK(again.person.password_verifier == "chosen since");
  CHECK(ledger.sequencer().durable_size() == before);
  const auto other = ledger.draw<core::EventId>().uuid();
  CHECK_FALSE(ledger.run(ledger.as_system(), recovery(ledger, "operator", other)).was_done_before);
}

TEST_CASE("server auditor: gives no command that changes anything, whatever their role", "[projections][operators]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const core::UserId auditor = team.admin;
  appoint(ledger, auditor, ServerStanding::auditor);
  const auto before = ledger.sequencer().durable_size();
  const auto is_refused = [&](auto command) {
    const auto answer = ledger.execute(ledger.as(auditor), std::move(command));
    REQUIRE(answer.has_error());
    CHECK_THAT(answer.error().detail, Catch::Contains("server auditor"));
    return answer.error().code == Errc::forbidden;
  };
  CHECK(is_refused(ledger.generate_command(team.workspace, "robot", "s0")));
  CHECK(is_refused(core::PutMember{team.workspace, auditor, core::Role::member}));
  CHECK(is_refused(core::SetOperator{auditor, ServerStanding::operator_person}));
  CHECK(is_refused(core::ChangePassword{team.member, "theirs", false, {}}));
  using Remembered = projections::Remembered<core::SetOperator>;
  CHECK(is_refused(Remembered{{auditor, ServerStanding::none}, {}, {}, {}}));
  CHECK(ledger.sequencer().durable_size() == before);

  ledger.run(ledger.as(auditor), core::RecordAuditRead{team.workspace, "all", 1});
  ledger.run(ledger.as(auditor), core::ChangePassword{auditor, "my own", true, {}});
  CHECK(ledger.sequencer().durable_size() == before + 2);
}
