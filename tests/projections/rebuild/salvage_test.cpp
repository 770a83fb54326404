#include "projections/rebuild/salvage.hpp"

#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_salvage.hpp"
#include "events/rocks/rocks_store.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tests/events/family_files.hpp"
#include "tests/projections/rebuild/open_rocks.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/support/rows_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace tally;
using events::Family;
using projections::RebuildMode;
using testing::files_of;
using testing::LedgerFixture;
using testing::open_rocks;
using testing::RowList;
using testing::rows_of;
using testing::SmallTeam;
using testing::value_of;

namespace {

core::Result<events::Salvage> open_salvage(const std::string& folder) {
  events::RocksOptions options;
  options.folder = folder;
  return events::open_rocks_salvage(options);
}

/// A ledger on the disk with tokens, a lost answer, a session, an answer that is kept, and usage; and what is in it.
class WornLedger {
 public:
  WornLedger() {
    LedgerFixture ledger{open_rocks(path())};
    const SmallTeam team{ledger};
    for (int index = 0; index < 40; ++index) {
      ledger.generate(team.workspace, team.member, "t", "s" + std::to_string(index));
    }
    ledger.run(ledger.as_client(team.workspace), ledger.refresh_command("s0", "s0+"));
    ledger.run(ledger.as(team.member),
               core::SignIn{team.member, true, 1, testing::digest_of("cookie"), ledger.now + std::chrono::hours{1}});
    ledger.stop();
    const auto batch = ledger.store().new_batch();
    batch->put(Family::usage, "a token", "was used");
    REQUIRE(ledger.store().commit(*batch, events::Durability::synced).has_value());
    for (const Family family : events::all_families()) rows.emplace(family, rows_of(ledger.store(), family));
  }

  [[nodiscard]] std::string path() const { return folder.str() + "/ledger"; }
  void remove_files(Family family) const {
    const auto files = files_of(path(), family);
    REQUIRE_FALSE(files.empty());
    for (const std::string& file : files) std::filesystem::remove(file);
  }

  testing::TemporaryFolder folder;
  std::map<Family, RowList> rows;
};

struct Salvaged {
  projections::SalvageReport report;
  std::unique_ptr<events::Store> store;
};

Salvaged salvage(const WornLedger& worn, const testing::TemporaryFolder& folder) {
  const auto from = value_of(open_salvage(worn.path()));
  Salvaged salvaged;
  salvaged.store = open_rocks(folder.str() + "/ledger");
  salvaged.report = value_of(projections::salvage(from, *salvaged.store, {}));
  return salvaged;
}

void check_same(const WornLedger& worn, const Salvaged& salvaged, const std::vector<Family>& lost = {}) {
  for (const auto& [family, rows] : worn.rows) {
    INFO(events::name_of(family));
    const bool is_lost = std::find(lost.begin(), lost.end(), family) != lost.end();
    if (family == Family::meta) continue;  // generations are of each folder
    CHECK((rows_of(*salvaged.store, family) == (is_lost ? RowList{} : rows)));
  }
  for (const std::string_view row : {events::kHeadRow, events::kSchemaRow}) {
    CHECK(value_of(salvaged.store->get(Family::meta, row)) == worn.rows.at(Family::meta).at(std::string{row}));
  }
  for (const auto& [name, value] : worn.rows.at(Family::meta)) {
    if (!name.starts_with(events::kWorkspaceSizePrefix)) continue;
    CHECK(value_of(salvaged.store->get(Family::meta, name)) == value);
  }
  CHECK(value_of(projections::rebuild(*salvaged.store, RebuildMode::check, {})).differences == 0);
}

}  // namespace

TEST_CASE("salvage: without the files of any row that the log gives back, nothing is lost", "[projections][salvage]") {
  const WornLedger worn;
  testing::settle_into_files(worn.path());
  const projections::InlineProjections inline_projections;
  std::vector<std::string> files;
  for (const events::Projection* projection : inline_projections.all()) {
    for (const Family family : projection->families()) {
      const auto of_family = files_of(worn.path(), family);
      files.insert(files.end(), of_family.begin(), of_family.end());
    }
  }
  REQUIRE(files.size() > 10);
  for (const std::string& file : files) std::filesystem::remove(file);
  events::RocksOptions options;
  options.folder = worn.path();
  REQUIRE(events::open_rocks_store(options).has_error());

  const testing::TemporaryFolder folder;
  const Salvaged salvaged = salvage(worn, folder);
  CHECK(salvaged.report.events == worn.rows.at(Family::log).size());
  CHECK(salvaged.report.head_was_found);
  CHECK(salvaged.report.lost.empty());
  check_same(worn, salvaged);
}

TEST_CASE("salvage: what is in no event and can not be read is named, and no more is lost", "[projections][salvage]") {
  const WornLedger worn;
  testing::settle_into_files(worn.path());
  worn.remove_files(Family::session);
  const testing::TemporaryFolder folder;
  const Salvaged salvaged = salvage(worn, folder);
  CHECK(salvaged.report.lost == std::vector<std::string_view>{"session"});
  check_same(worn, salvaged, {Family::session});
}

TEST_CASE("salvage: the log alone is enough", "[projections][salvage]") {
  const WornLedger worn;
  testing::settle_into_files(worn.path());
  worn.remove_files(Family::meta);
  const testing::TemporaryFolder folder;
  const Salvaged salvaged = salvage(worn, folder);
  CHECK_FALSE(salvaged.report.head_was_found);
  check_same(worn, salvaged);
}

TEST_CASE("salvage: a log that is not whole is refused, and the event is named", "[projections][salvage]") {
  const WornLedger worn;
  const std::size_t size = worn.rows.at(Family::log).size();
  const auto refusal = [&](std::uint64_t removed) {
    {
      const auto store = open_rocks(worn.path());
      const auto batch = store->new_batch();
      batch->erase(Family::log, events::key_of(core::Sequence{removed}));
      REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
    }
    const auto from = value_of(open_salvage(worn.path()));
    const testing::TemporaryFolder folder;
    const auto store = open_rocks(folder.str());
    const auto report = projections::salvage(from, *store, {});
    REQUIRE(report.has_error());
    CHECK(report.error().code == core::Errc::corrupt);
    return report.error().detail;
  };
  // From the end: each is the first that is missing.
  CHECK_THAT(refusal(size - 1), Catch::Contains("event " + std::to_string(size - 1) + " is missing"));
  CHECK_THAT(refusal(20), Catch::Contains("event 20 is missing"));
}

TEST_CASE("salvage: a bit of the log that has changed is refused", "[projections][salvage]") {
  const WornLedger worn;
  testing::settle_into_files(worn.path());
  const std::string file = files_of(worn.path(), Family::log).front();
  testing::flip_bit(file, static_cast<std::streamoff>(std::filesystem::file_size(file) / 3));
  const testing::TemporaryFolder folder;
  const auto store = open_rocks(folder.str());
  const auto refusal = [&]() -> core::Error {
    // The opening reads the log's end.
    const auto from = open_salvage(worn.path());
    if (from.has_error()) return from.error();
    const auto report = projections::salvage(*from, *store, {});
    REQUIRE(report.has_error());
    return report.error();
  }();
  CHECK(refusal.code == core::Errc::corrupt);
}

TEST_CASE("rebuild: rows that can not be read are a difference, and a rebuild puts them right",
          "[projections][salvage]") {
  const WornLedger worn;
  testing::settle_into_files(worn.path());
  for (const std::string& file : files_of(worn.path(), Family::token)) testing::flip_bit(file, 100);
  const auto store = open_rocks(worn.path());
  REQUIRE(projections::rebuild(*store, RebuildMode::check, {}).has_value());
  const auto report = value_of(projections::rebuild(*store, RebuildMode::promote, {}));
  CHECK(report.promoted);
  CHECK(report.differences == 1);
  REQUIRE(report.first_differences.size() == 1);
  CHECK(report.first_differences[0].family == Family::token);
  CHECK(report.first_differences[0].kind == projections::Difference::Kind::unreadable);
  CHECK_THAT(report.unreadable, Catch::Contains(".sst") && Catch::Contains("offset"));
  CHECK(value_of(projections::rebuild(*store, RebuildMode::check, {})).differences == 0);
  CHECK((rows_of(*store, Family::token) == worn.rows.at(Family::token)));
}
