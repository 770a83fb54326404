#include <catch2/catch.hpp>

#include "projections/rebuild/rebuild.hpp"
#include "projections/rows/access_rows.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/support/rows_of.hpp"

using namespace tally;
using events::Family;
using testing::digest_of;
using testing::LedgerFixture;
using testing::rows_of;
using testing::SmallTeam;
using testing::value_of;
using namespace std::chrono_literals;

namespace {

/// A workspace with opaque access tokens, and one token that is refreshed.
struct Refreshing : LedgerFixture {
  Refreshing() {
    core::Policy policy;
    policy.access_token_format = core::AccessTokenFormat::opaque;
    run(as(team.admin), core::ChangePolicy{team.workspace, policy});
    token = generate(team.workspace, team.admin, "t", "s0");
  }
  core::Digest refresh() {
    const std::string presented = "s" + std::to_string(count);
    const auto command = refresh_command(presented, "s" + std::to_string(++count));
    run(as_client(team.workspace), command);
    return *command.access_token_hash;
  }

  SmallTeam team{*this};
  core::TokenState token;
  int count = 0;
  projections::TokenQueries queries{store()};
};

}  // namespace

TEST_CASE("opaque access: is found by its hash, with what its event says", "[projections][opaque]") {
  Refreshing world;
  const auto found = value_of(world.queries.find_opaque_access(world.refresh()));
  REQUIRE(found);
  CHECK(found->workspace == world.team.workspace);
  CHECK(found->token == world.token.id);
  CHECK(found->owner == world.team.admin);
  CHECK(found->issued_at_seconds == core::seconds_of(world.now));
  CHECK(found->expires_at_seconds == core::seconds_of(world.now + 1h));
  CHECK_FALSE(value_of(world.queries.find_opaque_access(digest_of("another"))));
  // The first one came with the token.
  CHECK(rows_of(world.store(), Family::access_secret).size() == 2);
}

TEST_CASE("opaque access: what is kept of a token is what is alive, and no more than two others",
          "[projections][opaque]") {
  Refreshing world;
  for (int i = 0; i < 50; ++i) {
    world.refresh();
    world.now += 1min;
  }
  CHECK(rows_of(world.store(), Family::access_secret).size() == 51);
  for (int i = 0; i < 100; ++i) {
    world.refresh();
    world.now += 10min;
    REQUIRE(rows_of(world.store(), Family::access_secret).size() <= 52);
  }
  CHECK(rows_of(world.store(), Family::access_secret).size() <= 8);
  CHECK(rows_of(world.store(), Family::access_queue).size() == 1);
  const auto report = value_of(projections::rebuild(world.store(), projections::RebuildMode::check, {}));
  CHECK(report.differences == 0);
}

TEST_CASE("opaque access: one that lives is never dropped, not even behind one that ended early",
          "[projections][opaque]") {
  Refreshing world;
  const core::Digest first = world.refresh();
  core::Policy policy;
  policy.access_token_format = core::AccessTokenFormat::opaque;
  policy.access_token_seconds = 60;
  world.run(world.as(world.team.admin), core::ChangePolicy{world.team.workspace, policy});
  for (int i = 0; i < 20; ++i) {
    world.now += 2min;
    world.refresh();
  }
  CHECK(value_of(world.queries.find_opaque_access(first)));
}

TEST_CASE("opaque access: where the policy says jwt no row is written", "[projections][opaque]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  ledger.generate(team.workspace, team.admin, "t", "s0");
  ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1"));
  CHECK(rows_of(ledger.store(), Family::access_secret).size() == 0);
  CHECK(rows_of(ledger.store(), Family::access_queue).size() == 0);
}

TEST_CASE("opaque access: a row that leads nowhere is corrupt, never absent", "[projections][opaque]") {
  Refreshing world;
  const core::Digest hash = world.refresh();
  const auto tamper = [&](const projections::AccessSecretRow& row) {
    std::string value;
    projections::encode_access_secret(row, value);
    const auto batch = world.store().new_batch();
    batch->put(Family::access_secret, core::as_text(hash.bytes), value);
    REQUIRE(world.store().commit(*batch, events::Durability::synced).has_value());
    return world.queries.find_opaque_access(hash).error().code;
  };
  projections::AccessSecretRow row = *value_of(projections::load_access_secret(world.store(), hash));
  row.issued_by = core::Sequence{0};
  CHECK(tamper(row) == core::Errc::corrupt);
  row.issued_by = core::Sequence{1'000'000};
  CHECK(tamper(row) == core::Errc::corrupt);
}
