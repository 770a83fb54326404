#include "events/rocks/rocks_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <system_error>

#include <catch2/catch.hpp>
#include <rocksdb/db.h>

#include "events/log/keys.hpp"
#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_log_check.hpp"
#include "events/rocks/rocks_options.hpp"
#include "tests/events/one_row.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally {
namespace {

using events::Durability;
using events::Family;
using testing::put;
using testing::value_at;

std::unique_ptr<events::Store> open(const testing::TemporaryFolder& folder) {
  auto store = events::open_rocks_store({.folder = folder.str()});
  INFO((store.has_error() ? store.error().detail : ""));
  REQUIRE(store.has_value());
  return std::move(*store);
}

core::Result<std::unique_ptr<events::RocksDatabase>> open_database(const events::RocksOptions& options) {
  events::DiskRoom room{options.folder, options.room, events::free_bytes_of(options.folder)};
  return events::RocksDatabase::open(options, room);
}

TEST_CASE("rocks: what was committed is there after opening again", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  put(*open(folder), Family::token, "a", "1");
  CHECK(value_at(*open(folder), Family::token, "a") == "1");
}

TEST_CASE("rocks: a folder in use is locked, and free again afterwards", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  auto first = open(folder);
  const auto second = events::open_rocks_store({.folder = folder.str()});
  REQUIRE(second.has_error());
  CHECK(second.error().code == core::Errc::locked);
  first.reset();
  CHECK(events::open_rocks_store({.folder = folder.str()}).has_value());
}

TEST_CASE("rocks: a folder that can not be made is io_failed", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  std::ofstream{folder.path() / "file"} << "x";
  const auto store = events::open_rocks_store({.folder = folder.str() + "/file/below"});
  REQUIRE(store.has_error());
  CHECK(store.error().code == core::Errc::io_failed);
}

TEST_CASE("rocks: too little space refuses a commit before anything is written, and reads go on", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  put(*open(folder), Family::token, "a", "1");
  auto full =
      events::open_rocks_store({.folder = folder.str(), .room = {.floor = 64 << 20, .last = 1 << 20}, .free_bytes = [] {
                                  return std::optional{std::uint64_t{2} << 20};
                                }});
  REQUIRE(full.has_value());
  const auto batch = (*full)->new_batch();
  batch->put(Family::token, "b", std::string(3 << 19, '2'));
  const auto refused = (*full)->commit(*batch, Durability::synced);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::no_space);
  CHECK(batch->empty());
  CHECK(value_at(**full, Family::token, "a") == "1");
  CHECK(value_at(**full, Family::token, "b") == std::nullopt);
  full->reset();
  // With space again, it goes on.
  const auto store = open(folder);
  CHECK(value_at(*store, Family::token, "b") == std::nullopt);
  put(*store, Family::token, "b", "2");
}

/// While it lives, no file of this process grows beyond `bytes`: the kernel refuses the write.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST_CASE("rocks: a write that failed is of unknown outcome, is the last one, and is not read", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    const auto store = open(folder);
    put(*store, Family::token, "a", "old");
    CHECK(value_at(*store, Family::token, "a") == "old");
    const auto batch = store->new_batch();
    batch->put(Family::token, "a", "new");
    batch->put(Family::log, "large", std::string(2 << 20, 'x'));
    {
      const FileSizeLimit limit{1 << 20};
      const auto outcome = store->commit(*batch, Durability::synced);
      REQUIRE(outcome.has_error());
      CHECK(outcome.error().code == core::Errc::outcome_unknown);
    }
    CHECK(value_at(*store, Family::token, "a") == "old");
    batch->put(Family::token, "b", "later");
    const auto later = store->commit(*batch, Durability::synced);
    REQUIRE(later.has_error());
    CHECK(later.error().code == core::Errc::outcome_unknown);
    CHECK(value_at(*store, Family::token, "b") == std::nullopt);
  }
  const auto store = open(folder);
  CHECK(value_at(*store, Family::token, "a") == "old");
  CHECK(value_at(*store, Family::token, "b") == std::nullopt);
}

TEST_CASE("rocks: promoted families are live after opening again, and nothing of the old ones is left",
          "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    const auto store = open(folder);
    put(*store, Family::token, "old", "1");
    auto shadow = store->make_shadow(std::array{Family::token});
    REQUIRE(shadow.has_value());
    (*shadow)->rows().put(Family::token, "new", "2");
    REQUIRE((*shadow)->promote({}).has_value());
    put(*store, Family::token, "newer", "3");
  }
  const auto store = open(folder);
  CHECK(value_at(*store, Family::token, "old") == std::nullopt);
  CHECK(value_at(*store, Family::token, "new") == "2");
  CHECK(value_at(*store, Family::token, "newer") == "3");
}

TEST_CASE("rocks: a file that finds no descriptor is to be tried again, other failures are not", "[events][rocks]") {
  const auto [number, code] = GENERATE(table<int, core::Errc>(
      {{EMFILE, core::Errc::overloaded}, {ENFILE, core::Errc::overloaded}, {EIO, core::Errc::io_failed}}));
  const auto status = rocksdb::Status::IOError("While open a file for random read: /ledger/000012.sst",
                                               std::generic_category().message(number));
  CHECK(events::error_of(status, "get").code == code);
}

TEST_CASE("rocks: twins that a crash has left are dropped", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    auto database = open_database({.folder = folder.str()});
    REQUIRE(database.has_value());
    auto twins = (*database)->create_twins(std::array{Family::token});
    REQUIRE(twins.has_value());
    REQUIRE((*database)->database().Put({}, twins->front().handle, "half", "built").ok());
    // As a crash would: neither promoted nor dropped.
    REQUIRE((*database)->database().DestroyColumnFamilyHandle(twins->front().handle).ok());
  }
  std::vector<std::string> names;
  REQUIRE(rocksdb::DB::ListColumnFamilies({}, folder.str(), &names).ok());
  CHECK(std::count(names.begin(), names.end(), "token@2") == 1);
  CHECK(value_at(*open(folder), Family::token, "half") == std::nullopt);
  REQUIRE(rocksdb::DB::ListColumnFamilies({}, folder.str(), &names).ok());
  CHECK(std::count(names.begin(), names.end(), "token@2") == 0);
  CHECK(std::count(names.begin(), names.end(), "token@1") == 1);
  // And the name is free for the next rebuild.
  CHECK(open(folder)->make_shadow(std::array{Family::token}).has_value());
}

TEST_CASE("rocks: whoever admits a ledger is asked before anything is made or dropped in it", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    auto database = open_database({.folder = folder.str()});
    REQUIRE(database.has_value());
    REQUIRE((*database)->database().Put({}, (*database)->live(Family::meta), "who", "me").ok());
    auto twins = (*database)->create_twins(std::array{Family::token});
    REQUIRE(twins.has_value());
    REQUIRE((*database)->database().DestroyColumnFamilyHandle(twins->front().handle).ok());
    REQUIRE((*database)->database().DropColumnFamily((*database)->live(Family::access_queue)).ok());
  }
  std::vector<std::string> before;
  REQUIRE(rocksdb::DB::ListColumnFamilies({}, folder.str(), &before).ok());
  events::RocksOptions options{.folder = folder.str()};
  options.admit = [](const events::Reader& meta) -> core::Result<void> {
    CHECK(value_at(meta, Family::meta, "who") == "me");
    return core::fail(core::Errc::conflict, "not for you");
  };
  const auto refused = events::open_rocks_store(options);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::conflict);
  std::vector<std::string> after;
  REQUIRE(rocksdb::DB::ListColumnFamilies({}, folder.str(), &after).ok());
  CHECK(after == before);
  CHECK(std::count(after.begin(), after.end(), "access_queue@1") == 0);
  CHECK(std::count(after.begin(), after.end(), "token@2") == 1);
  CHECK(open(folder) != nullptr);
}

TEST_CASE("rocks: rows that a rebuild wrote past the log are no hole in it", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  const auto store = events::open_rocks_store({.folder = folder.str() + "/live"});
  REQUIRE(store.has_value());
  put(**store, Family::token, "a", "1");
  {
    const auto shadow = (*store)->make_shadow(std::array{Family::token});
    REQUIRE(shadow.has_value());
    // The second time the family has rows on the disk, and its rows take numbers.
    for (const std::string_view value : {"2", "3", "4"}) {
      (*shadow)->rows().put(Family::token, "a", value);
      REQUIRE((*shadow)->flush().has_value());
    }
    const std::array<events::MetaRow, 1> marks{events::MetaRow{"mark", "1"}};
    if (GENERATE(true, false)) REQUIRE((*shadow)->promote(marks).has_value());
  }
  put(**store, Family::member, "b", "2");
  // Copied while it is open: what a crash leaves.
  std::filesystem::copy(folder.path() / "live", folder.path() / "crashed", std::filesystem::copy_options::recursive);
  const auto opened = events::open_rocks_store({.folder = folder.str() + "/crashed"});
  INFO((opened.has_error() ? opened.error().detail : ""));
  REQUIRE(opened.has_value());
  CHECK(value_at(**opened, Family::member, "b") == "2");
}

/// A database of a release that did not yet track its logs: three of them, in each an event, a head and another row.
class UntrackedFolder {
 public:
  UntrackedFolder() {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : families) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(options, live(), descriptors, &handles_, &opened).ok());
    database_.reset(opened);
    for (std::uint64_t event = 0; event < 3; ++event) {
      rocksdb::WriteBatch batch;
      REQUIRE(batch.Put(handles_[1], events::key_of({event}), "event").ok());
      REQUIRE(batch.Put(handles_[2], "other", "row").ok());
      REQUIRE(database_->Write({}, &batch).ok());
      REQUIRE(database_->Flush({}, handles_[2]).ok());
    }
    std::filesystem::copy(live(), crashed(), std::filesystem::copy_options::recursive);
    for (const auto& entry : std::filesystem::directory_iterator{crashed()}) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) logs.push_back(entry.path());
    }
    std::sort(logs.begin(), logs.end());
    REQUIRE(logs.size() == 3);
  }
  ~UntrackedFolder() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_)
      database_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  UntrackedFolder(const UntrackedFolder&) = delete;
  UntrackedFolder& operator=(const UntrackedFolder&) = delete;

  [[nodiscard]] std::string crashed() const { return folder_.str() + "/crashed"; }
  const std::vector<std::string> families{"default", "log", "meta"};
  std::vector<std::filesystem::path> logs;

 private:
  [[nodiscard]] std::string live() const { return folder_.str() + "/live"; }
  testing::TemporaryFolder folder_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
};

TEST_CASE("rocks: logs that an earlier release did not track are held against each other", "[events][rocks]") {
  const UntrackedFolder folder;
  const auto refusal = [&] { return events::check_logs(folder.crashed(), folder.families).error().detail; };
  CHECK(events::check_logs(folder.crashed(), folder.families).has_value());
  const std::string first = folder.logs[0].string();
  const std::string third = folder.logs[2].string();
  SECTION("the middle one is gone") {
    std::filesystem::remove(folder.logs[1]);
    CHECK(refusal() == "event 1 is missing: " + first + " ends before it, and " + third + " goes on after it");
  }
  SECTION("the oldest one is gone") {
    std::filesystem::remove(folder.logs[0]);
    CHECK(refusal() == "event 0 is missing: no file holds it, and " + folder.logs[1].string() + " goes on after it");
  }
  SECTION("the middle one is empty") {
    std::filesystem::resize_file(folder.logs[1], 0);
    CHECK(refusal() == "event 1 is missing: " + first + " ends before it, and " + third + " goes on after it");
  }
}

TEST_CASE("rocks: a live family that is gone is corrupt", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    auto database = open_database({.folder = folder.str()});
    REQUIRE(database.has_value());
    std::string row;
    row.push_back(static_cast<char>(Family::token));
    events::append_be32(row, 9);
    REQUIRE((*database)->database().Put({}, (*database)->live(Family::meta), "generation", row).ok());
  }
  const auto store = events::open_rocks_store({.folder = folder.str()});
  REQUIRE(store.has_error());
  CHECK(store.error().code == core::Errc::corrupt);
}

TEST_CASE("rocks: a family of a later release refuses to open", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  {
    auto database = open_database({.folder = folder.str()});
    REQUIRE(database.has_value());
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    REQUIRE((*database)->database().CreateColumnFamily({}, "of_a_later_release", &handle).ok());
    REQUIRE((*database)->database().DestroyColumnFamilyHandle(handle).ok());
  }
  const auto store = events::open_rocks_store({.folder = folder.str()});
  REQUIRE(store.has_error());
  CHECK(store.error().code == core::Errc::unknown_event);
}

TEST_CASE("rocks: expired ephemeral rows go with a compaction, others and other families' stay", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  constexpr std::int64_t kNow = 1'000'000;
  auto database = open_database({.folder = folder.str(), .now = [] { return core::timestamp_of_micros(kNow); }});
  REQUIRE(database.has_value());
  std::string expired;
  events::append_be64(expired, kNow - 1);
  std::string fresh;
  events::append_be64(fresh, kNow);
  rocksdb::DB& rocks = (*database)->database();
  for (const Family family : {Family::retry, Family::revoked_access}) {
    REQUIRE(rocks.Put({}, (*database)->live(family), "expired", expired + "rest").ok());
    REQUIRE(rocks.Put({}, (*database)->live(family), "fresh", fresh + "rest").ok());
    REQUIRE(rocks.Flush({}, (*database)->live(family)).ok());
    REQUIRE(rocks.CompactRange({}, (*database)->live(family), nullptr, nullptr).ok());
  }
  std::string value;
  CHECK(rocks.Get({}, (*database)->live(Family::retry), "expired", &value).IsNotFound());
  CHECK(rocks.Get({}, (*database)->live(Family::retry), "fresh", &value).ok());
  CHECK(rocks.Get({}, (*database)->live(Family::revoked_access), "expired", &value).ok());
}

TEST_CASE("rocks: bytes on disk grow with what is written", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  const auto store = open(folder);
  const std::uint64_t before = store->bytes_on_disk();
  put(*store, Family::token, "a", std::string(100'000, 'x'));
  CHECK(store->bytes_on_disk() >= before + 100'000);
}

}  // namespace
}  // namespace tally
