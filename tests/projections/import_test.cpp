#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "projections/commands/usage.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using testing::digest_of;
using testing::LedgerFixture;
using testing::value_of;
using Outcome = core::ImportOutcome;

namespace {

struct Importing {
  LedgerFixture ledger;
  testing::SmallTeam team{ledger};
  projections::TokenQueries tokens{ledger.store()};

  core::LegacyToken legacy(const std::string& text, std::variant<core::UserId, std::string> owner) {
    const core::Timestamp created = ledger.now - std::chrono::days{400};
    return {core::draw_id<core::TokenId>(ledger.random, created),
            digest_of(text),
            std::move(owner),
            "old",
            created,
            ledger.now + std::chrono::days{10}};
  }
  std::vector<core::ImportResult> import(std::vector<core::LegacyToken> all) {
    return ledger.run(ledger.as(team.admin), core::ImportLegacyTokens{team.workspace, std::move(all)}).results;
  }
  std::optional<projections::AcceptedLegacyToken> accepted(const std::string& text) {
    return value_of(tokens.accepted_legacy_token(team.workspace, digest_of(text), ledger.now));
  }
};

}  // namespace

TEST_CASE("import: owners are members, by id or by username; a hash is imported once", "[projections][legacy]") {
  Importing world;
  world.ledger.add_person("outsider");
  world.ledger.generate(world.team.workspace, world.team.member, "ours", "a refresh token");
  const auto results = world.import({world.legacy("one", world.team.member), world.legacy("two", "ADMIN"),
                                     world.legacy("three", "outsider"), world.legacy("four", "nobody"),
                                     world.legacy("five", core::UserId{core::Uuid{{9}}}), world.legacy("one", "admin"),
                                     world.legacy("a refresh token", "admin")});
  std::vector<Outcome> outcomes;
  for (const auto& result : results) outcomes.push_back(result.outcome);
  CHECK(outcomes == std::vector<Outcome>{Outcome::imported, Outcome::imported, Outcome::unknown_owner,
                                         Outcome::unknown_owner, Outcome::unknown_owner, Outcome::already_imported,
                                         Outcome::hash_in_use});
  CHECK(results[5].token == results[0].token);
  CHECK(world.accepted("one")->token.owner == world.team.member);
  CHECK(world.accepted("two")->token.owner == world.team.admin);
  CHECK_FALSE(world.accepted("three").has_value());
  CHECK_FALSE(world.accepted("a refresh token").has_value());
  CHECK(world.import({world.legacy("two", "member")}).front().outcome == Outcome::already_imported);
}

TEST_CASE("import: only admins, and another workspace's hash stays that workspace's", "[projections][legacy]") {
  Importing world;
  for (const core::UserId user : {world.team.member, world.team.auditor}) {
    CHECK(world.ledger.refusal(world.ledger.as(user), core::ImportLegacyTokens{world.team.workspace, {}}) ==
          core::Errc::forbidden);
  }
  world.import({world.legacy("one", "member")});
  const auto other = world.ledger.add_workspace("Other");
  world.ledger.put_member(other, world.team.admin, core::Role::admin);
  const auto results =
      world.ledger
          .run(world.ledger.as(world.team.admin), core::ImportLegacyTokens{other, {world.legacy("one", "admin")}})
          .results;
  CHECK(results.front().outcome == Outcome::hash_in_use);
  CHECK_FALSE(value_of(world.tokens.accepted_legacy_token(other, digest_of("one"), world.ledger.now)).has_value());
}

TEST_CASE("legacy tokens: sunset, cut-off, disabling and offboarding end them", "[projections][legacy]") {
  Importing world;
  const auto results = world.import({world.legacy("one", "member"), world.legacy("two", "member")});
  SECTION("the sunset") {
    core::Policy policy;
    policy.legacy_sunset_at = world.ledger.now + std::chrono::seconds{5};
    world.ledger.run(world.ledger.as(world.team.admin), core::ChangePolicy{world.team.workspace, policy});
    CHECK(world.accepted("one")->sunset_at == policy.legacy_sunset_at);
    world.ledger.now += std::chrono::seconds{5};
    CHECK_FALSE(world.accepted("one").has_value());
  }
  SECTION("a cut-off finds them by when they were made") {
    core::DisableIssuedBefore command;
    command.workspace = world.team.workspace;
    command.time = world.ledger.now - std::chrono::days{399};
    CHECK(world.ledger.run(world.ledger.as(world.team.admin), command).count == 2);
    CHECK_FALSE(world.accepted("one").has_value());
    // As of before the cut-off it was active.
    const auto before = value_of(world.tokens.find_as_of(world.team.workspace, results[0].token,
                                                         core::Sequence{world.ledger.sequencer().durable_size() - 4}));
    CHECK(before->status == core::TokenStatus::active);
  }
  SECTION("a cut-off before them leaves them") {
    core::DisableIssuedBefore command;
    command.workspace = world.team.workspace;
    command.time = world.ledger.now - std::chrono::days{401};
    CHECK(world.ledger.run(world.ledger.as(world.team.admin), command).count == 0);
    CHECK(world.accepted("one").has_value());
  }
  SECTION("disabling one") {
    world.ledger.run(world.ledger.as(world.team.member),
                     core::DisableTokens{world.team.workspace, {results[0].token}, core::AccessFate::keep, {}});
    CHECK_FALSE(world.accepted("one").has_value());
    CHECK(world.accepted("two").has_value());
  }
  SECTION("offboarding") {
    world.ledger.run(world.ledger.as(world.team.admin), core::RemoveMember{world.team.workspace, world.team.member});
    CHECK_FALSE(world.accepted("one").has_value());
    CHECK_FALSE(world.accepted("two").has_value());
  }
}

TEST_CASE("legacy tokens: one imported behind a cut-off is disabled from its first moment, also as of then",
          "[projections][legacy]") {
  Importing world;
  core::DisableIssuedBefore command;
  command.workspace = world.team.workspace;
  command.time = world.ledger.now;
  world.ledger.run(world.ledger.as(world.team.admin), command);
  world.ledger.now += std::chrono::seconds{1};
  const auto results = world.import({world.legacy("one", "member")});
  CHECK_FALSE(world.accepted("one").has_value());
  const auto now = value_of(world.tokens.find(world.team.workspace, results[0].token, world.ledger.now));
  CHECK(now->status == core::TokenStatus::disabled);
  const auto then = value_of(world.tokens.find_as_of(world.team.workspace, results[0].token, world.ledger.now));
  CHECK(then->status == core::TokenStatus::disabled);
}

TEST_CASE("legacy tokens: the list tells them apart, and whose are still used", "[projections][legacy]") {
  Importing world;
  const auto results = world.import({world.legacy("one", "member"), world.legacy("two", "admin")});
  world.ledger.generate(world.team.workspace, world.team.member, "ours", "s");
  world.ledger.run(world.ledger.as_system(), projections::RecordUsage{{{results[1].token, world.ledger.now, 3}}});
  projections::TokenListRequest request;
  request.workspace = world.team.workspace;
  request.limit = 10;
  request.now = world.ledger.now;
  request.kind = core::TokenKind::legacy;
  request.sort = projections::TokenSort::last_used_at;
  const auto legacy = value_of(world.tokens.list(request));
  REQUIRE(legacy.items.size() == 2);
  CHECK(legacy.items[0].state.id == results[1].token);
  CHECK(legacy.items[0].last_used_at == world.ledger.now);
  request.kind = core::TokenKind::oauth2;
  CHECK(value_of(world.tokens.list(request)).items.size() == 1);
}

TEST_CASE("legacy tokens: a rebuild gives the same rows", "[projections][legacy]") {
  Importing world;
  world.import({world.legacy("one", "member"), world.legacy("two", "admin")});
  world.ledger.stop();
  const auto report = value_of(projections::rebuild(world.ledger.store(), projections::RebuildMode::check, {}));
  CHECK(report.differences == 0);
  CHECK(world.accepted("one").has_value());
}
