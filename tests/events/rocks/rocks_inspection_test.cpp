#include "events/rocks/rocks_inspection.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "tests/events/family_files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally::events {
namespace {

namespace fs = std::filesystem;

RocksOptions options_of(const std::string& folder) {
  RocksOptions options;
  options.folder = folder;
  return options;
}

/// Every file with its bytes and when it was changed, and every folder.
std::map<std::string, std::string> contents_of(const std::string& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    std::string& content = contents[entry.path().string()];
    if (!entry.is_regular_file()) continue;
    std::ifstream file{entry.path(), std::ios::binary};
    content.assign(std::istreambuf_iterator<char>{file}, {});
    content += std::to_string(entry.last_write_time().time_since_epoch().count());
  }
  return contents;
}

/// A ledger's folder with some rows, those of the last opening in its write-ahead log.
class RowsOnDisk {
 public:
  RowsOnDisk() {
    for (std::uint64_t place = 0; place < 3; ++place) {
      const auto store = open_rocks_store(options_of(folder));
      REQUIRE(store.has_value());
      const auto batch = (*store)->new_batch();
      batch->put(Family::log, key_of(core::Sequence{place}), "event");
      batch->put(Family::token, "a token" + std::to_string(place), "a row");
      REQUIRE((*store)->commit(*batch, Durability::synced).has_value());
    }
  }
  [[nodiscard]] core::Result<LedgerInspection> inspect() const { return LedgerInspection::open(options_of(folder)); }

  testing::TemporaryFolder above;
  const std::string folder = above.str() + "/ledger";
};

std::size_t rows_in(const Reader& reader, Family family) {
  std::size_t rows = 0;
  for (const auto cursor = reader.scan(family, {}); cursor->valid(); cursor->next()) ++rows;
  return rows;
}

}  // namespace

TEST_CASE("inspection: everything is read, files and write-ahead log, and nothing is changed",
          "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  const auto before = contents_of(rows.folder);
  {
    const auto ledger = rows.inspect();
    REQUIRE(ledger.has_value());
    CHECK(ledger->flaws().empty());
    CHECK(ledger->has_rows());
    CHECK(rows_in(ledger->reader(), Family::log) == 3);
    CHECK(rows_in(ledger->reader(), Family::token) == 3);
    std::uint64_t told = 0;
    const auto files = ledger->check_files([&](std::uint64_t done, std::uint64_t total) {
      CHECK(done <= total);
      told = done;
    });
    CHECK(files.checked > 1);
    CHECK(files.without_sum == 0);
    CHECK(files.damaged.empty());
    CHECK(files.bytes == told);
  }
  CHECK((contents_of(rows.folder) == before));
}

TEST_CASE("inspection: rows that a rebuild has made live are the ones that are read", "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  {
    const auto store = open_rocks_store(options_of(rows.folder));
    const auto shadow = (*store)->make_shadow(std::array{Family::token});
    REQUIRE(shadow.has_value());
    (*shadow)->rows().put(Family::token, "the only one", "a row");
    REQUIRE((*shadow)->promote({}).has_value());
  }
  const auto ledger = rows.inspect();
  REQUIRE(ledger.has_value());
  CHECK(ledger->flaws().empty());
  CHECK(rows_in(ledger->reader(), Family::token) == 1);
}

TEST_CASE("inspection: a flipped bit of any file, and a file that was cut, is named", "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  testing::settle_into_files(rows.folder);
  const Family family = GENERATE(Family::log, Family::token);
  const std::string file = testing::files_of(rows.folder, family).front();
  const auto size = static_cast<std::streamoff>(fs::file_size(file));
  for (std::streamoff offset = 0; offset < size; offset += size / 16) {
    testing::flip_bit(file, offset);
    const auto ledger = rows.inspect();
    if (ledger.has_error()) {
      // What opening reads is damaged: it says so, too.
      CHECK(ledger.error().code == core::Errc::corrupt);
    } else {
      const auto files = ledger->check_files({});
      const bool is_told = std::ranges::any_of(files.damaged, [&](const std::string& flaw) {
        return flaw == file + " is damaged: its checksum is not that of what was written";
      });
      CHECK((is_told || !ledger->has_rows()));
    }
    testing::flip_bit(file, offset);
  }
}

TEST_CASE("inspection: without a file of rows the log is read all the same", "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  testing::settle_into_files(rows.folder);
  fs::remove(testing::files_of(rows.folder, Family::token).front());
  const auto ledger = rows.inspect();
  REQUIRE(ledger.has_value());
  CHECK_FALSE(ledger->has_rows());
  REQUIRE(ledger->flaws().size() == 1);
  CHECK_THAT(ledger->flaws().front(), Catch::Contains("No such file"));
  CHECK(rows_in(ledger->reader(), Family::log) == 3);
  CHECK(ledger->check_files({}).damaged.empty());
}

TEST_CASE("inspection: without its newest write-ahead log a ledger is shorter, which only somebody's word can tell",
          "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  for (const auto& entry : fs::directory_iterator{rows.folder}) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) fs::remove(entry.path());
  }
  const auto ledger = rows.inspect();
  REQUIRE(ledger.has_value());
  CHECK(rows_in(ledger->reader(), Family::log) == 2);
}

TEST_CASE("inspection: beside others that read, and beside nobody that writes", "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  const auto first = rows.inspect();
  REQUIRE(first.has_value());
  CHECK(rows.inspect().has_value());
  const auto refused = open_rocks_store(options_of(rows.folder));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::locked);
  const RowsOnDisk other;
  const auto writer = open_rocks_store(options_of(other.folder));
  REQUIRE(writer.has_value());
  const auto locked = other.inspect();
  REQUIRE(locked.has_error());
  CHECK(locked.error().code == core::Errc::locked);
}

TEST_CASE("inspection: a folder that was copied without its lock is read, and none is made",
          "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  fs::remove(rows.folder + "/owner.lock");
  CHECK(rows.inspect().has_value());
  CHECK_FALSE(fs::exists(rows.folder + "/owner.lock"));
}

TEST_CASE("inspection: what is no ledger is told, and what was one is damaged", "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  fs::remove(rows.folder + "/CURRENT");
  const auto damaged = rows.inspect();
  REQUIRE(damaged.has_error());
  CHECK(damaged.error().code == core::Errc::corrupt);
  CHECK_THAT(damaged.error().detail, Catch::Contains("without its file CURRENT"));
  const testing::TemporaryFolder nothing;
  const auto none = LedgerInspection::open(options_of(nothing.str()));
  REQUIRE(none.has_error());
  CHECK(none.error().code == core::Errc::io_failed);
  CHECK_THAT(none.error().detail, Catch::Contains("there is no ledger in"));
}

TEST_CASE("inspection: a scratch store goes with its object, and there is one at a time",
          "[events][rocks][inspection]") {
  const RowsOnDisk rows;
  const auto before = contents_of(rows.folder);
  {
    const auto ledger = rows.inspect();
    const auto scratch = ledger->make_scratch();
    REQUIRE(scratch.has_value());
    const auto batch = (*scratch)->store().new_batch();
    batch->put(Family::token, "a", "b");
    REQUIRE((*scratch)->store().commit(*batch, Durability::synced).has_value());
    const auto second = ledger->make_scratch();
    REQUIRE(second.has_error());
    CHECK(second.error().code == core::Errc::locked);
  }
  CHECK((contents_of(rows.folder) == before));
}

}  // namespace tally::events
