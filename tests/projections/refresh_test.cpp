#include <algorithm>
#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "core/crypto/sealing.hpp"
#include "projections/rows/load.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Errc;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

TEST_CASE("generate: the answer is the row, and the secret leads to it", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};

  const auto answer =
      value_of(ledger.execute(ledger.as(team.member), ledger.generate_command(team.workspace, " CI ", "s0")));

  const core::TokenState& token = answer.outcome.token;
  CHECK(token.name == "CI");
  CHECK(token.owner == team.member);
  CHECK(token.created_at == ledger.now);
  CHECK(answer.outcome.access_expires_at == ledger.now + std::chrono::hours{1});
  CHECK(answer.outcome.issued_at_seconds == core::seconds_of(ledger.now));
  REQUIRE(answer.sequence);
  CHECK(answer.sequence->value + 1 == ledger.sequencer().durable_size());
  const auto record = value_of(queries.find(team.workspace, token.id, ledger.now));
  REQUIRE(record);
  CHECK(record->state == token);
  CHECK(record->status == core::TokenStatus::active);
  const auto home = value_of(queries.find_secret(digest_of("s0")));
  REQUIRE(home);
  CHECK(home->kind == core::SubjectKind::token);
  CHECK(home->subject == token.id.uuid());
  CHECK_FALSE(value_of(queries.find_secret(digest_of("another"))));
  CHECK_FALSE(value_of(queries.find(ledger.draw<core::WorkspaceId>(), token.id, ledger.now)));
}

TEST_CASE("generate: an id is used once", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto command = ledger.generate_command(team.workspace, "CI", "s0");
  ledger.run(ledger.as(team.member), command);
  CHECK(ledger.refusal(ledger.as(team.member), command) == Errc::already_exists);
}

TEST_CASE("generate: only unexpired active tokens count towards the limit", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  core::Policy policy;
  policy.max_active_tokens_per_user = 2;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  const auto first = ledger.generate(team.workspace, team.member, "one", "s1", 1);
  ledger.generate(team.workspace, team.member, "two", "s2", 30);
  const auto third = [&] { return ledger.generate_command(team.workspace, "three", "s3"); };
  CHECK(ledger.refusal(ledger.as(team.member), third()) == Errc::limit_exceeded);
  ledger.generate(team.workspace, team.admin, "another person's", "s4");

  SECTION("a disabled one makes room") {
    ledger.run(ledger.as(team.member), core::DisableTokens{team.workspace, {first.id}, core::AccessFate::keep, {}});
    ledger.run(ledger.as(team.member), third());
  }
  SECTION("an expired one makes room, and no event was needed") {
    ledger.now += std::chrono::hours{24};
    ledger.run(ledger.as(team.member), third());
    CHECK(ledger.refusal(ledger.as(team.member), third()) == Errc::limit_exceeded);
  }
  SECTION("one before the cut-off makes room, even if it was not disabled itself") {
    ledger.now += std::chrono::hours{1};
    core::DisableIssuedBefore cut_off{team.workspace, ledger.now, {}, core::AccessFate::keep, {}};
    ledger.run(ledger.as(team.admin), cut_off);
    ledger.run(ledger.as(team.member), third());
  }
}

TEST_CASE("refresh: rotates, and the answer carries the caller's own successor", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "CI", "s0");
  ledger.now += std::chrono::minutes{5};
  auto command = ledger.refresh_command("s0", "s1");
  command.client = team.workspace;

  const auto outcome = ledger.run(ledger.as_client(team.workspace), command);

  CHECK_FALSE(outcome.retried);
  CHECK(outcome.sealed_successor == command.sealed_successor);
  CHECK(outcome.token.generation == 1);
  CHECK(outcome.token.refresh_count == 1);
  CHECK(outcome.token.last_refreshed_at == ledger.now);
  CHECK(outcome.token.expires_at == token.expires_at);
  CHECK(outcome.issued_at_seconds == core::seconds_of(ledger.now));
  CHECK(value_of(projections::TokenQueries{ledger.store()}.find(team.workspace, token.id, ledger.now))->state ==
        outcome.token);
}

TEST_CASE("refresh: a lost answer can be had again within the window, and only then", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "CI", "s0");
  const auto context = [&] { return ledger.as_client(team.workspace); };
  const auto first = ledger.run(context(), ledger.refresh_command("s0", "s1"));

  SECTION("at the window's last moment: the same successor") {
    ledger.now += std::chrono::seconds{600};
    const auto again = ledger.run(context(), ledger.refresh_command("s0", "never"));
    CHECK(again.retried);
    CHECK(again.sealed_successor == first.sealed_successor);
    CHECK(again.token.refresh_count == 1);
    CHECK_FALSE(value_of(projections::TokenQueries{ledger.store()}.find_secret(digest_of("never"))));
  }
  SECTION("a moment later it is reuse, recorded and refused, and the family is disabled") {
    ledger.now += std::chrono::seconds{600} + core::Duration{1};
    const auto size = ledger.sequencer().durable_size();
    CHECK(ledger.refusal(context(), ledger.refresh_command("s0", "s2")) == Errc::secret_reused);
    CHECK(ledger.sequencer().durable_size() == size + 2);
    CHECK(ledger.refusal(context(), ledger.refresh_command("s1", "s2")) == Errc::token_disabled);
    CHECK(value_of(projections::load_owner_count(ledger.store(), team.workspace, team.member)) == 0);
  }
  SECTION("the successor's first use closes the window") {
    ledger.run(context(), ledger.refresh_command("s1", "s2"));
    CHECK(ledger.refusal(context(), ledger.refresh_command("s0", "s3")) == Errc::secret_reused);
  }
  SECTION("a policy without a window keeps nothing sealed") {
    core::Policy policy;
    policy.refresh_retry_seconds = 0;
    ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
    ledger.run(context(), ledger.refresh_command("s1", "s2"));
    CHECK_FALSE(value_of(projections::load_retry(ledger.store(), token.id)));
    CHECK(ledger.refusal(context(), ledger.refresh_command("s1", "s3")) == Errc::secret_reused);
  }
}

TEST_CASE("refresh: where a secret belongs, once read, is taken as it is", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token = ledger.generate(team.workspace, team.member, "CI", "s0");
  const auto command = [&](const std::string& presented, std::uint32_t generation, const std::string& successor) {
    auto made = ledger.refresh_command(presented, successor);
    made.presented_home = core::RefreshTokenHome{team.workspace, token.id, generation};
    return made;
  };
  const auto context = [&] { return ledger.as_client(team.workspace); };

  CHECK_FALSE(ledger.run(context(), command("s0", 0, "s1")).retried);
  CHECK(ledger.run(context(), command("s0", 0, "never")).retried);
  SECTION("the token is read anew: what has happened to it since counts") {
    CHECK_FALSE(ledger.run(context(), command("s1", 1, "s2")).retried);
    CHECK(ledger.refusal(context(), command("s0", 0, "s3")) == Errc::secret_reused);
  }
  SECTION("a home that does not fit the token is not believed") {
    CHECK(ledger.refusal(context(), command("s0", 1, "s2")) == Errc::corrupt);
    CHECK(ledger.refusal(context(), command("s1", 2, "s2")) == Errc::corrupt);
  }
}

TEST_CASE("refresh: a stranger's secret and a foreign workspace learn nothing", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  ledger.generate(team.workspace, team.member, "CI", "s0");
  const auto other = ledger.add_workspace("Other");
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("unknown", "s1")) ==
        Errc::secret_unknown);
  auto foreign = ledger.refresh_command("s0", "s1");
  foreign.client = other;
  CHECK(ledger.refusal(ledger.as_client(other), foreign) == Errc::wrong_workspace);
  // A resource server's secret is no refresh token.
  core::AddResourceServer server{ledger.draw<core::ResourceServerId>(), team.workspace, "API", digest_of("rs")};
  ledger.run(ledger.as(team.admin), server);
  CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("rs", "s1")) == Errc::secret_unknown);
}

TEST_CASE("refresh: 200 at the same time with one secret get the same successor eleven times, or are told to wait",
          "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const std::string presented = "the presented secret";
  const auto token = ledger.generate(team.workspace, team.member, "CI", presented);
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  struct Asked {
    core::CommandContext context;
    core::RefreshToken command;
  };
  std::vector<Asked> asked;
  for (int index = 0; index < kThreads * kEach; ++index) {
    const std::string successor = "successor " + std::to_string(index);
    Asked one{ledger.as_client(team.workspace), ledger.refresh_command(presented, successor)};
    one.command.sealed_successor =
        core::crypto::seal(presented, "successor", token.id.uuid().bytes, successor, ledger.random);
    asked.push_back(std::move(one));
  }
  std::mutex mutex;
  std::vector<projections::Answer<core::RefreshToken>> answers;
  std::latch all_done{kThreads * kEach};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int index = thread * kEach; index < (thread + 1) * kEach; ++index) {
        auto& one = asked[static_cast<std::size_t>(index)];
        ledger.commands().execute(one.context, one.command, [&](projections::Answer<core::RefreshToken> answer) {
          const std::lock_guard lock{mutex};
          answers.push_back(std::move(answer));
          all_done.count_down();
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  all_done.wait();

  std::set<std::string> successors;
  int rotations = 0;
  int told = 0;
  for (const auto& answer : answers) {
    if (answer.has_error() && answer.error().code == Errc::rate_limited) continue;
    REQUIRE(answer.has_value());
    ++told;
    rotations += answer->outcome.retried ? 0 : 1;
    const auto opened =
        core::crypto::unseal(presented, "successor", token.id.uuid().bytes, answer->outcome.sealed_successor);
    REQUIRE(opened.has_value());
    successors.emplace(opened->reveal());
  }
  CHECK((rotations == 1 && told == 1 + static_cast<int>(core::limits::kRetriesPerSuccessorMax)));
  REQUIRE(successors.size() == 1);
  const auto home = value_of(projections::TokenQueries{ledger.store()}.find_secret(digest_of(*successors.begin())));
  REQUIRE(home);
  CHECK(home->generation == 1);
}

TEST_CASE("revoke: a refresh token's holder ends the family and its access tokens", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};
  const auto command = ledger.generate_command(team.workspace, "CI", "s0");
  ledger.run(ledger.as(team.member), command);
  const std::int64_t issued = core::seconds_of(ledger.now);
  core::PresentedAccess presented{team.workspace, command.id, team.member, command.access_token, {},
                                  issued,         issued + 60};
  const auto is_live = [&] { return value_of(queries.access_verdict(presented, ledger.now)).is_live(); };
  REQUIRE(is_live());

  SECTION("by refresh token, in the very second of the issue") {
    ledger.run(ledger.as_client(team.workspace), core::RevokeRefreshToken{team.workspace, digest_of("s0")});
    CHECK_FALSE(is_live());
    CHECK(ledger.refusal(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1")) == Errc::token_disabled);
  }
  SECTION("one access token: that one, and no other") {
    const core::RevokeAccessToken revoke{team.workspace, command.id, command.access_token,
                                         ledger.now + std::chrono::hours{1}};
    const auto answer = value_of(ledger.execute(ledger.as_client(team.workspace), revoke));
    CHECK(answer.sequence);
    CHECK_FALSE(is_live());
    presented.id = ledger.draw<core::AccessTokenId>();
    CHECK(is_live());
    // Said again: accepted, and nothing new is recorded.
    CHECK_FALSE(value_of(ledger.execute(ledger.as_client(team.workspace), revoke)).sequence);
  }
  SECTION("an unknown or foreign secret is accepted and changes nothing") {
    const auto other = ledger.add_workspace("Other");
    const auto size = ledger.sequencer().durable_size();
    ledger.run(ledger.as_client(team.workspace), core::RevokeRefreshToken{team.workspace, digest_of("unknown")});
    ledger.run(ledger.as_client(other), core::RevokeRefreshToken{other, digest_of("s0")});
    CHECK(ledger.sequencer().durable_size() == size);
    CHECK(is_live());
  }
  SECTION("a foreign workspace's access token is not live") {
    presented.workspace = ledger.draw<core::WorkspaceId>();
    CHECK_FALSE(is_live());
  }
}
