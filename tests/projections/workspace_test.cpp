#include <catch2/catch.hpp>

#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using core::Role;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

TEST_CASE("workspace: what is answered is what is kept", "[projections][workspace]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::WorkspaceQueries queries{ledger.store()};
  const core::CreateWorkspace create{ledger.draw<core::WorkspaceId>(), " New "};
  const auto created = ledger.run(ledger.as(ledger.operator_person), create).workspace;
  CHECK(created.name == "New");
  CHECK(value_of(queries.find(create.id)) == created);
  CHECK(ledger.refusal(ledger.as(ledger.operator_person), create) == Errc::already_exists);
  CHECK(ledger.refusal(ledger.as(team.admin), core::CreateWorkspace{ledger.draw<core::WorkspaceId>(), "x"}) ==
        Errc::forbidden);

  core::Policy policy = created.policy;
  policy.access_token_seconds = 120;
  CHECK(ledger.refusal(ledger.as(team.member), core::ChangePolicy{team.workspace, policy}) == Errc::forbidden);
  const auto changed = value_of(ledger.execute(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy}));
  CHECK(changed.outcome.workspace.policy == policy);
  CHECK(changed.outcome.workspace.policy_sequence == changed.sequence->value);
  CHECK(value_of(queries.find(team.workspace)) == changed.outcome.workspace);
  const auto unchanged = value_of(ledger.execute(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy}));
  CHECK_FALSE(unchanged.sequence);
  CHECK(unchanged.outcome.workspace == changed.outcome.workspace);
}

TEST_CASE("member: added, changed, never without a last admin", "[projections][workspace]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::WorkspaceQueries queries{ledger.store()};
  const auto person = ledger.add_person("newcomer");
  const auto added = ledger.run(ledger.as(team.admin), core::PutMember{team.workspace, person, Role::auditor});
  CHECK(added.added);
  CHECK(added.member.added_at == ledger.now);
  CHECK(value_of(queries.find_member(team.workspace, person)) == added.member);
  const auto same =
      value_of(ledger.execute(ledger.as(team.admin), core::PutMember{team.workspace, person, Role::auditor}));
  CHECK_FALSE(same.sequence);
  CHECK_FALSE(same.outcome.added);
  CHECK(ledger.refusal(ledger.as(team.admin), core::PutMember{team.workspace, team.admin, Role::member}) ==
        Errc::conflict);
  const auto changed = ledger.run(ledger.as(team.admin), core::PutMember{team.workspace, person, Role::admin});
  CHECK_FALSE(changed.added);
  CHECK(value_of(queries.find(team.workspace))->admin_count == 2);
  ledger.run(ledger.as(person), core::PutMember{team.workspace, team.admin, Role::member});
  CHECK(value_of(queries.find(team.workspace))->admin_count == 1);
  CHECK(ledger.refusal(ledger.as(team.admin), core::PutMember{team.workspace, person, Role::member}) ==
        Errc::forbidden);
  CHECK(ledger.refusal(ledger.as(ledger.operator_person),
                       core::PutMember{team.workspace, ledger.draw<core::UserId>(), Role::member}) == Errc::not_found);
}

TEST_CASE("resource server: no two have the same URI, in whatever workspaces", "[projections][workspace]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const core::WorkspaceId other = ledger.add_workspace("Other");
  ledger.put_member(other, team.admin, Role::admin);
  const std::string uri = "https://api.example";
  const core::AddResourceServer add{ledger.draw<core::ResourceServerId>(), team.workspace, "API", digest_of("rs"), uri};
  const core::AddResourceServer again{ledger.draw<core::ResourceServerId>(), team.workspace, "API", digest_of("rs2"),
                                      uri};
  const core::AddResourceServer foreign{ledger.draw<core::ResourceServerId>(), other, "API", digest_of("rs3"), uri};
  CHECK(ledger.run(ledger.as(team.admin), add).resource_server.resource == uri);
  CHECK(ledger.refusal(ledger.as(team.admin), again) == Errc::already_exists);
  CHECK(ledger.refusal(ledger.as(team.admin), foreign) == Errc::already_exists);
  ledger.run(ledger.as(team.admin), core::RemoveResourceServer{team.workspace, add.id});
  ledger.run(ledger.as(team.admin), foreign);
  CHECK(ledger.refusal(ledger.as(team.admin), again) == Errc::already_exists);
}

TEST_CASE("resource server: its secret leads to it until it is removed", "[projections][workspace]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::WorkspaceQueries workspaces{ledger.store()};
  const projections::TokenQueries tokens{ledger.store()};
  const core::AddResourceServer add{ledger.draw<core::ResourceServerId>(), team.workspace, "API", digest_of("rs")};
  CHECK(ledger.refusal(ledger.as(team.member), add) == Errc::forbidden);
  const auto server = ledger.run(ledger.as(team.admin), add).resource_server;
  CHECK(value_of(workspaces.find_resource_server(team.workspace, add.id)) == server);
  const auto home = value_of(tokens.find_secret(digest_of("rs")));
  REQUIRE(home);
  CHECK(home->kind == core::SubjectKind::resource_server);
  CHECK(home->subject == add.id.uuid());
  CHECK(home->workspace == team.workspace);
  const core::RemoveResourceServer remove{team.workspace, add.id};
  ledger.run(ledger.as(team.admin), remove);
  CHECK_FALSE(value_of(workspaces.find_resource_server(team.workspace, add.id)));
  CHECK_FALSE(value_of(tokens.find_secret(digest_of("rs"))));
  CHECK(ledger.refusal(ledger.as(team.admin), remove) == Errc::not_found);
}
