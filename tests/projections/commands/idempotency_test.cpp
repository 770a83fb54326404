#include "projections/commands/idempotency.hpp"

#include <future>

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using testing::LedgerFixture;
using testing::value_of;

namespace {

const projections::KeptAnswerKey kAnswerKey{core::Uuid{{1}}, testing::digest_of("key")};
const core::Digest kRequest = testing::digest_of("request");

using Generate = projections::Remembered<core::GenerateToken>;

Generate remembered(core::GenerateToken command, bool holds_secret) {
  Generate::Keep keep = [holds_secret](
                            const core::GenerateToken::Outcome& outcome,
                            std::optional<core::Sequence> sequence) -> core::Result<projections::KeptAnswer> {
    TALLY_CHECK(sequence.has_value());
    const auto bytes = core::as_bytes(outcome.token.name);
    return projections::KeptAnswer{{bytes.begin(), bytes.end()}, holds_secret, "made"};
  };
  return {std::move(command), kAnswerKey, kRequest, std::move(keep)};
}

}  // namespace

TEST_CASE("idempotency: the answer is there after a restart, and until its time", "[projections][idempotency]") {
  LedgerFixture ledger;
  const testing::SmallTeam team{ledger};
  const bool holds_secret = GENERATE(false, true);
  const projections::IdempotencyQueries queries{ledger.store()};
  CHECK_FALSE(value_of(queries.find(kAnswerKey, ledger.now)).has_value());
  ledger.run(ledger.as(team.member),
             remembered(ledger.generate_command(team.workspace, "robot", "secret"), holds_secret));
  ledger.stop();
  ledger.start();
  const auto kept = value_of(queries.find(kAnswerKey, ledger.now));
  REQUIRE(kept.has_value());
  CHECK(kept->request_hash == kRequest);
  CHECK(core::as_text(kept->sealed) == "robot");
  const auto late = value_of(queries.find(kAnswerKey, ledger.now + core::limits::kIdempotentSecretLifetime));
  REQUIRE(late.has_value());
  CHECK(late->sealed.empty() == holds_secret);
  CHECK(late->made == "made");
  CHECK_FALSE(value_of(queries.find(kAnswerKey, ledger.now + core::limits::kIdempotencyLifetime)).has_value());
  CHECK_FALSE(value_of(queries.find({core::Uuid{{2}}, kAnswerKey.key_hash}, ledger.now)).has_value());
}

TEST_CASE("idempotency: two requests at once are one event", "[projections][idempotency]") {
  LedgerFixture ledger;
  const testing::SmallTeam team{ledger};
  ledger.run(ledger.as(team.member), remembered(ledger.generate_command(team.workspace, "one", "s1"), false));
  CHECK(ledger.refusal(ledger.as(team.member), remembered(ledger.generate_command(team.workspace, "two", "s2"),
                                                          false)) == core::Errc::conflict);
  const projections::TokenQueries tokens{ledger.store()};
  CHECK_FALSE(value_of(tokens.find_secret(testing::digest_of("s2"))).has_value());
}

TEST_CASE("idempotency: a refusal is not kept", "[projections][idempotency]") {
  LedgerFixture ledger;
  const testing::SmallTeam team{ledger};
  CHECK(ledger.refusal(ledger.as(team.auditor), remembered(ledger.generate_command(team.workspace, "one", "s1"),
                                                           false)) == core::Errc::forbidden);
  const projections::IdempotencyQueries queries{ledger.store()};
  CHECK_FALSE(value_of(queries.find(kAnswerKey, ledger.now)).has_value());
}

TEST_CASE("idempotency: whatever storage call fails, the answer is there if and only if the event is",
          "[projections][idempotency]") {
  const auto failed_commit = GENERATE(testing::FailedCommit::lost, testing::FailedCommit::kept);
  bool has_succeeded = false;
  for (std::uint64_t fail_at = 1; !has_succeeded; ++fail_at) {
    REQUIRE(fail_at < 100);
    LedgerFixture ledger;
    const testing::SmallTeam team{ledger};
    ledger.stop();
    testing::FaultPlan plan{fail_at};
    testing::FaultyStore faulty{ledger.store(), plan, failed_commit};
    {
      events::Sequencer sequencer{faulty, value_of(events::load_head(ledger.store())), ledger.inline_projections(), {}};
      projections::CommandService commands{sequencer};
      std::promise<bool> done;
      commands.execute(ledger.as(team.member),
                       remembered(ledger.generate_command(team.workspace, "robot", "secret"), true),
                       [&](const projections::Answer<Generate>& answer) { done.set_value(answer.has_value()); });
      has_succeeded = done.get_future().get();
    }
    const projections::TokenQueries tokens{ledger.store()};
    const projections::IdempotencyQueries queries{ledger.store()};
    const bool is_there = value_of(tokens.find_secret(testing::digest_of("secret"))).has_value();
    INFO("call " << fail_at);
    CHECK(is_there == value_of(queries.find(kAnswerKey, ledger.now)).has_value());
    if (has_succeeded) CHECK(is_there);
  }
}
