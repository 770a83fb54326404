#include <catch2/catch.hpp>

#include "core/base/check.hpp"
#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Sequence;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

core::Sequence last_of(const LedgerFixture&, std::uint64_t size) { return Sequence{size - 1}; }

}  // namespace

TEST_CASE("as of: every state that a token had can be had again, by sequence and by time", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};
  struct Moment {
    Sequence sequence;
    core::Timestamp time;
    projections::TokenRecord record;
  };
  std::vector<Moment> moments;
  core::TokenId id;
  const auto remember = [&] {
    moments.push_back({last_of(ledger, ledger.sequencer().durable_size()), ledger.now,
                       *value_of(queries.find(team.workspace, id, ledger.now))});
    ledger.now += std::chrono::minutes{7};
    ledger.generate(team.workspace, team.member, "noise", "noise" + std::to_string(moments.size()));
  };
  const auto before = last_of(ledger, ledger.sequencer().durable_size());
  ledger.now += std::chrono::seconds{1};
  id = ledger.generate(team.workspace, team.member, "watched", "s0", 1).id;
  remember();
  ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1"));
  remember();
  ledger.run(ledger.as_client(team.workspace),
             core::RevokeAccessToken{team.workspace, id, ledger.draw<core::AccessTokenId>(),
                                     ledger.now + std::chrono::minutes{5}});
  remember();
  ledger.run(ledger.as(team.admin), core::DisableTokens{team.workspace, {id}, core::AccessFate::revoke, "why"});
  remember();
  ledger.run(ledger.as(team.member), core::DeleteTokens{team.workspace, {id}, core::AccessFate::keep, ""});
  remember();

  CHECK_FALSE(value_of(queries.find_as_of(team.workspace, id, before)));
  CHECK_FALSE(value_of(queries.find_as_of(team.workspace, id, moments[0].time - core::Duration{1})));
  CHECK_FALSE(value_of(queries.find_as_of(ledger.add_workspace("Other"), id, moments[0].sequence)));
  for (const Moment& moment : moments) {
    INFO("sequence " << moment.sequence.value);
    const auto by_sequence = value_of(queries.find_as_of(team.workspace, id, moment.sequence));
    const auto by_time = value_of(queries.find_as_of(team.workspace, id, moment.time));
    REQUIRE(by_sequence);
    REQUIRE(by_time);
    CHECK(by_sequence->state == moment.record.state);
    CHECK(by_sequence->status == moment.record.status);
    CHECK(by_time->state == moment.record.state);
    CHECK(by_time->status == moment.record.status);
  }
  CHECK(value_of(queries.find_as_of(team.workspace, id, Sequence{UINT64_MAX}))->state == moments.back().record.state);
}

TEST_CASE("as of: the status is that of then, with the clock and the cut-off of then", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};
  // A cut-off of before the token was there must not touch it.
  ledger.run(ledger.as(team.admin),
             core::DisableIssuedBefore{team.workspace, ledger.now, {}, core::AccessFate::keep, {}});
  ledger.now += std::chrono::minutes{1};
  // Expires before the cut-off comes: it gets no event of its own then, only the workspace does.
  const auto token = ledger.generate(team.workspace, team.member, "watched", "s0", 1);
  const core::Timestamp created = ledger.now;
  ledger.now += std::chrono::hours{25};
  const core::Timestamp expired = ledger.now;
  ledger.generate(team.workspace, team.member, "noise", "s1");
  ledger.now += std::chrono::hours{1};
  ledger.run(ledger.as(team.admin),
             core::DisableIssuedBefore{team.workspace, ledger.now, {}, core::AccessFate::keep, {}});

  const auto status = [&](core::Timestamp time) {
    return value_of(queries.find_as_of(team.workspace, token.id, time))->status;
  };
  CHECK(status(created) == core::TokenStatus::active);
  CHECK(status(expired) == core::TokenStatus::expired);
  CHECK(status(ledger.now) == core::TokenStatus::disabled);
  CHECK(value_of(queries.find(team.workspace, token.id, ledger.now))->status == core::TokenStatus::disabled);
}

TEST_CASE("as of: an event that fits no state is corrupt, and breaks no promise", "[projections][token]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::TokenQueries queries{ledger.store()};
  const core::TokenId id = ledger.generate(team.workspace, team.member, "watched", "s0").id;
  ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1"));
  const core::Sequence refreshed = last_of(ledger, ledger.sequencer().durable_size());
  ledger.stop();
  core::Event event = *value_of(events::read_event(ledger.store(), refreshed));
  const core::TokenRefreshed good = std::get<core::TokenRefreshed>(event.payload);
  core::TokenRefreshed skipping = good;
  ++skipping.generation;
  const core::EventPayload payload =
      GENERATE_COPY(values<core::EventPayload>({skipping, core::TokenRefreshRetried{}, core::TokenReuseDetected{},
                                                core::PolicyChanged{}, core::UserDeactivated{}}));
  event.payload = payload;
  if (auto* retried = std::get_if<core::TokenRefreshRetried>(&event.payload)) retried->generation = 9;
  CAPTURE(core::name_of(core::type_of(event.payload)));
  events::EventEncoder encoder;
  const auto batch = ledger.store().new_batch();
  batch->put(events::Family::log, events::key_of(refreshed), core::as_text(value_of(encoder.encode(event))));
  REQUIRE(ledger.store().commit(*batch, events::Durability::synced).has_value());
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  CHECK(queries.find_as_of(team.workspace, id, refreshed).error().code == core::Errc::corrupt);
  CHECK(value_of(queries.find_as_of(team.workspace, id, core::Sequence{refreshed.value - 1})).has_value());
}
