#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "events/rocks/rocks_store.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/support/rows_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace tally;
using events::Family;
using projections::bring_up_to_date;
using testing::FailedCommit;
using testing::FaultPlan;
using testing::LedgerFixture;
using testing::RowList;
using testing::rows_of;
using testing::SmallTeam;
using testing::value_of;

namespace {

using Names = std::vector<std::string_view>;

void put(events::Store& store, Family family, std::string_view key, std::string_view value) {
  const auto batch = store.new_batch();
  batch->put(family, key, value);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

void erase(events::Store& store, Family family, std::string_view key) {
  const auto batch = store.new_batch();
  batch->erase(family, key);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

std::string version_row(std::uint32_t version) {
  std::string row;
  events::append_be32(row, version);
  return row;
}

bool is_current(const events::Reader& store, events::ProjectionList projections) {
  return value_of(events::storage_age(store, projections)).is_current;
}

/// A copy of the folder that the last release of storage version 1 has left.
struct OldFolder {
  OldFolder() {
    std::filesystem::copy(TALLY_GOLDEN_FOLDER "/storage-1/data/ledger", folder.path() / "ledger",
                          std::filesystem::copy_options::recursive);
  }
  std::unique_ptr<events::Store> open() const {
    events::RocksOptions options;
    options.folder = (folder.path() / "ledger").string();
    options.now = [] { return core::Timestamp{}; };  // nothing expires
    return value_of(events::open_rocks_store(options));
  }
  testing::TemporaryFolder folder;
};

/// A ledger with a row in `person` and one in `token` that the log knows nothing of: whatever is made anew loses its.
struct MarkedLedger {
  MarkedLedger() {
    const SmallTeam team{ledger};
    ledger.generate(team.workspace, team.member, "t", "s0");
    ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s1"));
    ledger.stop();
    put(store(), Family::person, "stray", "1");
    put(store(), Family::token, "stray", "1");
  }
  events::Store& store() { return ledger.store(); }
  events::ProjectionList projections() { return ledger.inline_projections(); }
  [[nodiscard]] bool has_stray(Family family) { return rows_of(store(), family).contains("stray"); }

  LedgerFixture ledger;
};

/// Another version of a projection.
class OtherVersion final : public events::Projection {
 public:
  explicit OtherVersion(events::Projection& inner) : inner_(inner) {}
  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] std::uint32_t version() const override { return inner_.version() + 1; }
  [[nodiscard]] std::span<const Family> families() const override { return inner_.families(); }
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override { return inner_.apply(event, rows); }

 private:
  events::Projection& inner_;
};

events::Projection& named(events::ProjectionList projections, std::string_view name) {
  return **std::find_if(projections.begin(), projections.end(),
                        [&](const events::Projection* projection) { return projection->name() == name; });
}

/// Fails the test if a projection touches what is not its own.
class OwnRows final : public events::Rows {
 public:
  OwnRows(events::Rows& inner, const events::Projection& owner) : inner_(inner), owner_(owner) {}
  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    check(family);
    return inner_.get(family, key);
  }
  std::unique_ptr<events::Cursor> scan(Family family, const events::ScanRange& range) const override {
    check(family);
    return inner_.scan(family, range);
  }
  void put(Family family, std::string_view key, std::string_view value) override {
    check(family);
    inner_.put(family, key, value);
  }
  void erase(Family family, std::string_view key) override {
    check(family);
    inner_.erase(family, key);
  }

 private:
  void check(Family family) const {
    const auto own = owner_.families();
    if (std::find(own.begin(), own.end(), family) == own.end()) {
      FAIL(owner_.name() << " touches " << events::name_of(family));
    }
  }
  events::Rows& inner_;
  const events::Projection& owner_;
};

}  // namespace

TEST_CASE("upgrade: a folder of storage version 1 is made anew from its log, and what is not from the log stays",
          "[projections][upgrade]") {
  const OldFolder old;
  const projections::InlineProjections inline_projections;
  constexpr std::array kKept{Family::retry, Family::session, Family::idempotency, Family::usage};
  std::vector<RowList> kept;
  std::uint64_t size = 0;
  {
    const auto store = old.open();
    CHECK(value_of(store->get(Family::meta, events::kSchemaRow)) == version_row(1));
    CHECK(value_of(events::storage_age(*store, inline_projections.all())).stale.size() ==
          inline_projections.all().size());
    size = value_of(events::load_head(*store)).tree.size();
    for (const Family family : kKept) kept.push_back(rows_of(*store, family));
    const auto report = value_of(bring_up_to_date(*store, inline_projections.all(), {}));
    CHECK(report.events == size);
    Names all;
    for (const events::Projection* projection : inline_projections.all()) all.emplace_back(projection->name());
    CHECK(report.projections == all);
    CHECK(report.tiles);
  }
  const auto store = old.open();
  CHECK(is_current(*store, inline_projections.all()));
  CHECK(value_of(store->get(Family::meta, events::kSchemaRow)) == version_row(events::kStorageVersion));
  CHECK(value_of(bring_up_to_date(*store, inline_projections.all(), {})).projections.empty());
  CHECK(value_of(projections::rebuild(*store, projections::RebuildMode::check, {})).differences == 0);
  CHECK(value_of(events::load_head(*store)).tree.size() == size);
  for (std::size_t index = 0; index < kKept.size(); ++index) {
    INFO(events::name_of(kKept[index]));
    CHECK_FALSE(kept[index].empty());
    CHECK(rows_of(*store, kKept[index]) == kept[index]);
  }
}

TEST_CASE("upgrade: the old folder holds an event of every type that its release could write",
          "[projections][upgrade]") {
  const OldFolder old;
  const auto store = old.open();
  std::set<std::string> missing{"TokenGenerated",    "TokenRefreshed", "TokenRefreshRetried", "TokenReuseDetected",
                                "TokenDisabled",     "TokenDeleted",   "AccessRevoked",       "LegacyTokenImported",
                                "AccessExchanged",   "PolicyChanged",  "WorkspaceCreated",    "MemberAdded",
                                "MemberRoleChanged", "MemberRemoved",  "ResourceServerAdded", "ResourceServerRemoved",
                                "CutOffMoved",       "UserCreated",    "UserDeactivated",     "PasswordChanged",
                                "SignedIn",          "SignInFailed",   "LedgerStarted",       "SigningKeyAdded",
                                "AuditRead",         "ExportStarted",  "ExportCompleted",     "SigningKeyRetired",
                                "CommandDenied"};
  events::LogCursor log{*store, core::Sequence{0}};
  while (const auto event = value_of(log.next())) missing.erase(core::name_of(core::type_of(event->payload)));
  CHECK(missing == std::set<std::string>{});
}

TEST_CASE("upgrade: a projection reads and writes its own families only, so that it can be made anew by itself",
          "[projections][upgrade]") {
  const OldFolder old;
  const auto store = old.open();
  const projections::InlineProjections inline_projections;
  const auto target = events::make_memory_store();
  const auto rows = target->new_batch();
  events::LogCursor log{*store, core::Sequence{0}};
  while (const auto event = value_of(log.next())) {
    for (events::Projection* projection : inline_projections.all()) {
      OwnRows own{*rows, *projection};
      REQUIRE(projection->apply(*event, own).has_value());
    }
  }
}

TEST_CASE("upgrade: another version of one projection makes its rows anew and nobody else's",
          "[projections][upgrade]") {
  MarkedLedger marked;
  OtherVersion people{named(marked.projections(), "people")};
  std::vector<events::Projection*> changed{marked.projections().begin(), marked.projections().end()};
  std::replace_if(
      changed.begin(), changed.end(), [](const auto* projection) { return projection->name() == "people"; }, &people);
  CHECK(is_current(marked.store(), marked.projections()));
  CHECK_FALSE(is_current(marked.store(), changed));

  std::vector<projections::RebuildProgress> progress;
  const auto report =
      value_of(bring_up_to_date(marked.store(), changed, [&](const auto& step) { progress.push_back(step); }));
  CHECK(report.projections == Names{"people"});
  CHECK_FALSE(marked.has_stray(Family::person));
  CHECK(marked.has_stray(Family::token));
  CHECK(is_current(marked.store(), changed));
  REQUIRE(progress.size() >= 2);
  CHECK(progress.front().events_done == 0);
  CHECK(progress.back().events_done == report.events);
  CHECK(progress.back().events_total == report.events);

  // The release before finds another version, and makes its own rows again.
  CHECK(value_of(bring_up_to_date(marked.store(), marked.projections(), {})).projections == Names{"people"});
  CHECK(is_current(marked.store(), marked.projections()));
}

TEST_CASE("upgrade: a projection without a version row is made anew", "[projections][upgrade]") {
  MarkedLedger marked;
  erase(marked.store(), Family::meta, "projection:tokens");
  CHECK(value_of(bring_up_to_date(marked.store(), marked.projections(), {})).projections == Names{"tokens"});
  CHECK_FALSE(marked.has_stray(Family::token));
  CHECK(marked.has_stray(Family::person));
}

TEST_CASE("upgrade: an earlier storage version with this release's rows gets tiles and is marked",
          "[projections][upgrade]") {
  MarkedLedger marked;
  put(marked.store(), Family::meta, events::kSchemaRow, version_row(events::kStorageVersion - 1));
  const auto report = value_of(bring_up_to_date(marked.store(), marked.projections(), {}));
  CHECK(report.projections.empty());
  CHECK(report.names() == Names{"tiles"});
  CHECK(is_current(marked.store(), marked.projections()));
  CHECK(marked.has_stray(Family::token));
}

TEST_CASE("upgrade: a later release's ledger is refused and left as it is", "[projections][upgrade]") {
  MarkedLedger marked;
  const bool by_projection = GENERATE(true, false);
  if (by_projection) {
    put(marked.store(), Family::meta, "projection:of_a_later_release", version_row(1));
  } else {
    put(marked.store(), Family::meta, events::kSchemaRow, version_row(events::kStorageVersion + 1));
  }
  erase(marked.store(), Family::meta, "projection:tokens");
  const RowList before = rows_of(marked.store(), Family::meta);
  const auto upgraded = bring_up_to_date(marked.store(), marked.projections(), {});
  REQUIRE(upgraded.has_error());
  CHECK(upgraded.error().code == core::Errc::unknown_event);
  CHECK(rows_of(marked.store(), Family::meta) == before);
  CHECK(marked.has_stray(Family::token));
}

TEST_CASE("upgrade: a new ledger is marked by its start, with nothing to make anew", "[projections][upgrade]") {
  const auto store = events::make_memory_store();
  const projections::InlineProjections inline_projections;
  CHECK_FALSE(is_current(*store, inline_projections.all()));
  CHECK(value_of(bring_up_to_date(*store, inline_projections.all(), {})).projections.empty());
  testing::SeededRandom random{1};
  REQUIRE(events::start_ledger(*store, inline_projections.all(), {}, random).has_value());
  CHECK(is_current(*store, inline_projections.all()));
}

TEST_CASE("upgrade: a log that is not what its head says is corrupt, and nothing has changed",
          "[projections][upgrade]") {
  MarkedLedger marked;
  erase(marked.store(), Family::meta, "projection:tokens");
  erase(marked.store(), Family::log, events::key_of(core::Sequence{3}));
  const auto upgraded = bring_up_to_date(marked.store(), marked.projections(), {});
  REQUIRE(upgraded.has_error());
  CHECK(upgraded.error().code == core::Errc::corrupt);
  CHECK(marked.has_stray(Family::token));
  CHECK_FALSE(is_current(marked.store(), marked.projections()));
}

TEST_CASE("upgrade: cut short at any call it has done all or nothing, and the next start does it",
          "[projections][upgrade][fault]") {
  const auto kept = GENERATE(FailedCommit::lost, FailedCommit::kept);
  int failures = 0;
  int done = 0;
  for (std::uint64_t fail_at = 1;; ++fail_at) {
    INFO("call " << fail_at);
    MarkedLedger marked;
    const auto start = [&](events::Store& store) {
      return events::start_ledger(store, marked.projections(), marked.ledger.as_system(), marked.ledger.random,
                                  [&](const events::LedgerHead&) -> core::Result<void> {
                                    TALLY_TRY(bring_up_to_date(store, marked.projections(), {}));
                                    return {};
                                  });
    };
    erase(marked.store(), Family::meta, "projection:tokens");
    erase(marked.store(), Family::meta, "projection:people");
    const auto size = value_of(events::load_head(marked.store())).tree.size();
    FaultPlan plan{fail_at};
    testing::FaultyStore store{marked.store(), plan, kept};
    if (start(store).has_value()) break;
    ++failures;
    const bool is_done = is_current(marked.store(), marked.projections());
    if (is_done) ++done;
    CHECK(marked.has_stray(Family::token) == !is_done);
    CHECK(marked.has_stray(Family::person) == !is_done);
    if (!is_done) CHECK(value_of(events::load_head(marked.store())).tree.size() == size);

    REQUIRE(start(marked.store()).has_value());
    CHECK_FALSE(marked.has_stray(Family::token));
    CHECK_FALSE(marked.has_stray(Family::person));
    CHECK(value_of(projections::rebuild(marked.store(), projections::RebuildMode::check, {})).differences == 0);
  }
  CHECK(failures > 15);
  CHECK(done > 0);
}
