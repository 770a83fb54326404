#include "projections/rebuild/rebuild.hpp"

#include <map>
#include <set>
#include <utility>

#include <catch2/catch.hpp>

#include "core/base/check.hpp"
#include "events/log/log.hpp"
#include "events/rocks/rocks_store.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rows/keys.hpp"
#include "tests/projections/rebuild/open_rocks.hpp"
#include "tests/support/append_event.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace tally;
using events::Family;
using projections::RebuildMode;
using testing::digest_of;
using testing::LedgerFixture;
using testing::open_rocks;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// A token that `parent` generated; and `stopped`, as if more descended from it than one append stops.
void fill_descendants(LedgerFixture& ledger, const core::TokenState& parent, const core::TokenState& stopped) {
  ledger.run(ledger.as_bearer(parent), ledger.generate_command(parent.workspace, "child", "child", 10));
  core::TokenDisabled disabled{core::DisableCause::requested, core::AccessFate::revoke, {}, true};
  testing::append_event(ledger.sequencer(), ledger.as(stopped.owner),
                        {stopped.workspace, core::subject_of(stopped.id), 2, std::move(disabled)});
}

/// One person wholly gone, and one who is still going.
void let_go(LedgerFixture& ledger, const SmallTeam& team) {
  for (const char* secret : {"a0", "a1", "a2"}) ledger.generate(team.workspace, team.auditor, "t", secret);
  core::RemoveMember removal{team.workspace, team.auditor};
  removal.bounds = {1, 9};
  const auto removed = ledger.run(ledger.as(team.admin), removal);
  ledger.run(ledger.as(team.admin), core::ContinueOffboarding{team.auditor, team.workspace, *removed.tokens.next});
  core::DeactivateUser unfinished{team.member};
  unfinished.bounds = {1, 9};
  REQUIRE(ledger.run(ledger.as(ledger.operator_person), unfinished).tokens.next);
}

/// At least one event of every type that a command can cause, and rows in every family of the projections.
void fill(LedgerFixture& ledger) {
  const SmallTeam team{ledger};
  std::vector<core::TokenState> tokens;
  for (int index = 0; index < 12; ++index) {
    ledger.now += std::chrono::milliseconds{3};
    tokens.push_back(ledger.generate(team.workspace, team.member, "t", "s" + std::to_string(index)));
  }
  const auto client = [&] { return ledger.as_client(team.workspace); };
  ledger.run(client(), ledger.refresh_command("s0", "s0+"));
  ledger.run(client(), ledger.refresh_command("s0", "lost"));
  ledger.run(client(), ledger.refresh_command("s0+", "s0++"));
  ledger.refusal(client(), ledger.refresh_command("s0", "reused"));
  ledger.run(ledger.as(team.member), core::DisableTokens{team.workspace, {tokens[1].id}, core::AccessFate::keep, "r"});
  ledger.run(ledger.as(team.admin),
             core::DeleteTokens{team.workspace, {tokens[1].id, tokens[2].id}, core::AccessFate::revoke, ""});
  ledger.run(client(), core::RevokeAccessToken{team.workspace, tokens[3].id, ledger.draw<core::AccessTokenId>(),
                                               ledger.now + std::chrono::minutes{9}});
  ledger.run(client(), core::RevokeRefreshToken{team.workspace, digest_of("s4")});
  ledger.run(ledger.as(team.admin),
             core::DisableIssuedBefore{team.workspace, tokens[6].created_at, {}, core::AccessFate::revoke, {}});
  fill_descendants(ledger, tokens[9], tokens[8]);
  const core::AddResourceServer server{ledger.draw<core::ResourceServerId>(), team.workspace, "API", digest_of("rs"),
                                       "https://api.example"};
  ledger.run(ledger.as(team.admin), server);
  ledger.run(ledger.as(team.admin), core::RemoveResourceServer{team.workspace, server.id});
  ledger.run(ledger.as(team.admin), core::AddResourceServer{ledger.draw<core::ResourceServerId>(), team.workspace,
                                                            "API", digest_of("rs2"), "https://api.example"});
  core::RefreshToken binding = ledger.refresh_command("s10", "s10+");
  binding.proven = core::Confirmation{core::ConfirmationMethod::jkt, digest_of("key")};
  binding.resource.uri = "https://api.example";
  ledger.run(client(), binding);
  core::ExchangeAccessToken exchange;
  exchange.client = team.workspace;
  exchange.token = tokens[11].id;
  exchange.owner = team.member;
  exchange.subject.id = ledger.draw<core::AccessTokenId>();
  exchange.subject.expires_at = ledger.now + std::chrono::minutes{9};
  exchange.access_token = ledger.draw<core::AccessTokenId>();
  ledger.run(client(), exchange);
  core::Policy policy;
  policy.max_lifetime_days = 90;
  policy.access_token_format = core::AccessTokenFormat::opaque;
  ledger.run(ledger.as(team.admin), core::ChangePolicy{team.workspace, policy});
  ledger.generate(team.workspace, team.admin, "opaque", "o0");
  ledger.run(client(), ledger.refresh_command("o0", "o1"));
  ledger.run(ledger.as(team.admin), core::PutMember{team.workspace, team.auditor, core::Role::member});
  ledger.run(ledger.as(team.member),
             core::SignIn{team.member, true, 1, digest_of("c"), ledger.now + std::chrono::hours{1}});
  ledger.refusal(ledger.as(team.member), core::SignIn{team.member, false, 1, digest_of("d"), ledger.now});
  ledger.run(ledger.as(team.member), core::ChangePassword{team.member, "new", true});
  let_go(ledger, team);
  ledger.run(ledger.as_system(), testing::signing_key_command(7, std::chrono::seconds{0}));
  ledger.run(ledger.as_system(), testing::signing_key_command(8, std::chrono::seconds{600}));
  ledger.run(ledger.as_system(), core::RetireSigningKey{testing::signing_key_command(8, {}).key_id, core::Force::no});
  ledger.run(ledger.as_system(), core::ChangeIssuer{"https://tokens.example.com", ""});
  const auto export_id = ledger.draw<core::ExportId>();
  ledger.run(ledger.as(team.admin), core::RecordExportStarted{team.workspace, export_id, "ndjson", ""});
  ledger.run(ledger.as(team.admin), core::RecordExportCompleted{team.workspace, export_id, 1, 2, 3, digest_of("x")});
}

projections::RebuildReport rebuilt(events::Store& store, RebuildMode mode) {
  return value_of(projections::rebuild(store, mode, {}));
}

/// Changes rows behind the ledger's back.
void tamper(events::Store& store, Family family, const std::string& key, std::optional<std::string> value) {
  const auto batch = store.new_batch();
  if (value) {
    batch->put(family, key, *value);
  } else {
    batch->erase(family, key);
  }
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

struct FirstRow {
  std::string key;
  std::string value;
};
FirstRow first_row(const events::Store& store, Family family) {
  const auto cursor = store.scan(family, {});
  INFO("family " << events::name_of(family));
  REQUIRE(cursor->valid());
  return {std::string{cursor->key()}, std::string{cursor->value()}};
}

using Kind = projections::Difference::Kind;

/// Makes the first row of the family differ from what the log says; the key that differs.
std::string damage(events::Store& store, Family family, Kind kind) {
  FirstRow row = first_row(store, family);
  if (kind == Kind::extra) row.key += "x";
  if (kind == Kind::changed) row.value += "x";
  tamper(store, family, row.key, kind == Kind::missing ? std::nullopt : std::optional{row.value});
  return row.key;
}

std::vector<Family> projected_families() {
  const projections::InlineProjections inline_projections;
  std::vector<Family> families;
  for (const events::Projection* projection : inline_projections.all()) {
    families.insert(families.end(), projection->families().begin(), projection->families().end());
  }
  return families;
}

}  // namespace

TEST_CASE("rebuild: a replay gives the live rows, byte for byte, on both stores", "[projections][rebuild]") {
  const bool on_disk = GENERATE(false, true);
  const testing::TemporaryFolder folder;
  LedgerFixture ledger{on_disk ? open_rocks(folder.str()) : events::make_memory_store()};
  fill(ledger);
  ledger.stop();
  for (const Family family : projected_families()) first_row(ledger.store(), family);  // none is empty
  std::vector<projections::RebuildProgress> progress;
  const auto report = value_of(
      projections::rebuild(ledger.store(), RebuildMode::check, [&](const auto& step) { progress.push_back(step); }));
  CHECK(report.differences == 0);
  CHECK_FALSE(report.promoted);
  CHECK(report.rows > 100);
  REQUIRE_FALSE(progress.empty());
  CHECK(progress.back().events_done == report.events);
  CHECK(progress.back().events_total == report.events);

  const auto promoted = rebuilt(ledger.store(), RebuildMode::promote);
  CHECK(promoted.promoted);
  CHECK(promoted.rows == report.rows);
  CHECK(rebuilt(ledger.store(), RebuildMode::check).differences == 0);
  ledger.start();
  ledger.add_person("after");
  ledger.stop();
  CHECK(rebuilt(ledger.store(), RebuildMode::check).differences == 0);
}

TEST_CASE("rebuild: a changed, missing or extra row is found in every family", "[projections][rebuild]") {
  LedgerFixture ledger;
  fill(ledger);
  ledger.stop();
  for (const Family family : projected_families()) {
    for (const Kind kind : {Kind::changed, Kind::missing, Kind::extra}) {
      INFO("family " << events::name_of(family) << ", kind " << static_cast<int>(kind));
      const FirstRow row = first_row(ledger.store(), family);
      const std::string key = damage(ledger.store(), family, kind);
      const auto report = rebuilt(ledger.store(), RebuildMode::check);
      CHECK(report.differences == 1);
      REQUIRE(report.first_differences.size() == 1);
      CHECK(report.first_differences[0].family == family);
      CHECK(report.first_differences[0].kind == kind);
      CHECK(report.first_differences[0].key_hex == core::to_hex(core::as_bytes(key)));
      tamper(ledger.store(), family, key, kind == Kind::extra ? std::nullopt : std::optional{row.value});
    }
  }
}

TEST_CASE("rebuild: promoting heals every family, on disk too", "[projections][rebuild]") {
  const testing::TemporaryFolder folder;
  LedgerFixture ledger{open_rocks(folder.str())};
  fill(ledger);
  ledger.stop();
  const auto families = projected_families();
  for (std::size_t index = 0; index < families.size(); ++index) {
    damage(ledger.store(), families[index], static_cast<Kind>(index % 3));
  }
  CHECK(rebuilt(ledger.store(), RebuildMode::promote).differences == families.size());
  CHECK(rebuilt(ledger.store(), RebuildMode::check).differences == 0);
}

TEST_CASE("rebuild: a choice of projections leaves the others' rows alone", "[projections][rebuild]") {
  LedgerFixture ledger;
  fill(ledger);
  ledger.stop();
  const FirstRow person = first_row(ledger.store(), Family::person);
  tamper(ledger.store(), Family::person, person.key, std::nullopt);
  const auto all = ledger.inline_projections();
  const auto tokens_only = value_of(projections::rebuild(ledger.store(), all.first(1), RebuildMode::promote, {}));
  CHECK(tokens_only.differences == 0);
  CHECK(rebuilt(ledger.store(), RebuildMode::check).differences == 1);
}

TEST_CASE("rebuild: a gap in the log is corrupt, and the live rows stay", "[projections][rebuild]") {
  LedgerFixture ledger;
  fill(ledger);
  ledger.stop();
  const FirstRow token = first_row(ledger.store(), Family::token);
  tamper(ledger.store(), Family::log, projections::key_of(core::Sequence{20}).str(), std::nullopt);
  const auto report = projections::rebuild(ledger.store(), RebuildMode::promote, {});
  REQUIRE(report.has_error());
  CHECK(report.error().code == core::Errc::corrupt);
  CHECK(first_row(ledger.store(), Family::token).value == token.value);
}

TEST_CASE("rebuild: a repeated event fits no row and is corrupt, not a crash", "[projections][rebuild]") {
  LedgerFixture ledger;
  fill(ledger);
  ledger.stop();
  events::LogCursor log{ledger.store(), core::Sequence{0}};
  const auto apply_twice = [&](const core::Event& event) {
    // What is ending is entered before the row of the event's own subject is looked at; nothing else is written.
    const auto shadow = value_of(ledger.store().make_shadow(std::vector{Family::ending}));
    for (events::Projection* projection : ledger.inline_projections().first(3)) {
      const auto applied = projection->apply(event, shadow->rows());
      if (applied.has_error()) return applied.error().code == core::Errc::corrupt;
    }
    return false;
  };
  int tried = 0;
  while (auto event = value_of(log.next())) {
    // The live rows stand at the end of the log: no event of a subject with a version fits them a second time.
    if (event->subject_version == 0 || std::holds_alternative<core::TokenGenerated>(event->payload) ||
        std::holds_alternative<core::WorkspaceCreated>(event->payload) ||
        std::holds_alternative<core::UserCreated>(event->payload)) {
      continue;
    }
    INFO(core::name_of(core::type_of(event->payload)));
    CHECK(apply_twice(*event));
    ++tried;
  }
  CHECK(tried > 20);
}

TEST_CASE("rebuild: whatever an event says of whomever, it is applied or corrupt, and breaks no promise",
          "[projections][rebuild]") {
  LedgerFixture ledger;
  fill(ledger);
  ledger.stop();
  std::vector<core::Event> events;
  std::map<std::pair<core::SubjectKind, std::string>, core::Subject> subjects;
  std::set<std::uint64_t> versions{1};
  for (events::LogCursor log{ledger.store(), core::Sequence{0}}; auto event = value_of(log.next());) {
    subjects[{event->subject.kind, std::string{core::as_text(event->subject.id.bytes)}}] = event->subject;
    versions.insert(event->subject_version + 1);
    events.push_back(std::move(*event));
  }
  const auto batch = ledger.store().new_batch();
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  int applied = 0;
  int refused = 0;
  for (const auto& [key, subject] : subjects) {
    for (const core::Event& event : events) {
      for (const std::uint64_t version : versions) {
        core::Event disguised = event;
        disguised.subject = subject;
        disguised.subject_version = version;
        INFO(core::name_of(core::type_of(event.payload)) << " about a " << core::name_of(subject.kind));
        for (events::Projection* projection : ledger.inline_projections()) {
          batch->mark();
          const auto outcome = projection->apply(disguised, *batch);
          batch->undo();
          outcome.has_value() ? ++applied : ++refused;
          if (outcome.has_error()) CHECK(outcome.error().code == core::Errc::corrupt);
        }
      }
    }
  }
  CHECK(applied > 1'000);
  CHECK(refused > 1'000);
}

TEST_CASE("replay until: the rows are those of that moment", "[projections][rebuild]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  ledger.now += std::chrono::seconds{1};
  const auto token = ledger.generate(team.workspace, team.member, "t", "s0");
  const core::Sequence then{ledger.sequencer().durable_size() - 1};
  const core::Timestamp time = ledger.now;
  ledger.now += std::chrono::seconds{1};
  ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1"));
  const auto by_time = GENERATE(true, false);
  projections::Until until;
  if (by_time) {
    until.time = time;
  } else {
    until.sequence = then;
  }
  const auto target = events::make_memory_store();
  const auto batch = target->new_batch();
  CHECK(value_of(projections::replay_into(ledger.store(), until, *batch)) == then.value + 1);
  REQUIRE(target->commit(*batch, events::Durability::buffered).has_value());
  const auto row = value_of(target->get(Family::token, projections::key_of(team.workspace, token.id)));
  REQUIRE(row);
  CHECK(row != value_of(ledger.store().get(Family::token, projections::key_of(team.workspace, token.id))));
  CHECK_FALSE(value_of(target->get(Family::secret, projections::key_of_digest(digest_of("s1")))));
}
