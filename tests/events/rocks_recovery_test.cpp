#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/crashed_ledger.hpp"
#include "tests/support/temporary_folder.hpp"

// What damage of the newest write-ahead log does where there is no anchor:
// docs/adr/0003-wal-recovery-without-anchors.md.
namespace tally {
namespace {

namespace fs = std::filesystem;
using events::Family;

/// More than one block of the write-ahead log.
constexpr std::uint64_t kCommits = 150;
using testing::kLogBlockBytes;
using testing::kLogHeaderBytes;
constexpr std::size_t kChecksumAt = 0;
constexpr std::size_t kLengthHighAt = 5;
constexpr std::size_t kTypeAt = 6;

/// A ledger of kCommits synced commits, all of which are in the write-ahead log alone.
class OneLog {
 public:
  OneLog() {
    auto store = events::open_rocks_store({.folder = folder_.str() + "/live"});
    REQUIRE(store.has_value());
    for (std::uint64_t number = 0; number < kCommits; ++number) {
      const auto batch = (*store)->new_batch();
      batch->put(Family::log, events::key_of({number}), std::string(150, 'e'));
      batch->put(Family::token, std::to_string(number), std::string(100, 's'));
      // The last one is synced, and with it all before it.
      const auto durability = number + 1 < kCommits ? events::Durability::buffered : events::Durability::synced;
      REQUIRE((*store)->commit(*batch, durability).has_value());
    }
    // Copied while it is open: what a crash leaves.
    fs::copy(folder_.path() / "live", crashed(), fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator{crashed()}) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) wal_ = entry.path();
    }
    std::ifstream file{wal_, std::ios::binary};
    bytes_.assign(std::istreambuf_iterator<char>{file}, {});
    records_ = testing::log_records_of(bytes_);
    REQUIRE(bytes_.size() > kLogBlockBytes);
    REQUIRE(records_.size() >= kCommits);
  }

  [[nodiscard]] std::size_t wal_bytes() const { return bytes_.size(); }
  /// Counted from the last one backwards.
  [[nodiscard]] std::size_t record_from_end(std::size_t index) const { return records_[records_.size() - 1 - index]; }
  [[nodiscard]] std::size_t first_record() const { return records_.front(); }

  void flip(std::size_t place) const {
    std::string damaged = bytes_;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    write_wal(damaged);
  }
  void truncate(std::size_t length) const { write_wal(bytes_.substr(0, length)); }
  void append(const std::string& garbage) const { write_wal(bytes_ + garbage); }

  /// The number of commits found, which must be the first ones without a gap.
  [[nodiscard]] core::Result<std::uint64_t> open() const {
    const fs::path copy = folder_.path() / "opened";
    fs::remove_all(copy);
    fs::copy(crashed(), copy, fs::copy_options::recursive);
    TALLY_TRY_ASSIGN(const auto store, events::open_rocks_store({.folder = copy.string()}));
    std::uint64_t found = 0;
    for (auto cursor = store->scan(Family::log, {}); cursor->valid(); cursor->next(), ++found) {
      REQUIRE(cursor->key() == events::key_of({found}));
      REQUIRE(store->get(Family::token, std::to_string(found))->has_value());
    }
    return found;
  }

 private:
  [[nodiscard]] fs::path crashed() const { return folder_.path() / "crashed"; }
  void write_wal(const std::string& bytes) const { std::ofstream{wal_, std::ios::binary | std::ios::trunc} << bytes; }

  testing::TemporaryFolder folder_;
  fs::path wal_;
  std::string bytes_;
  std::vector<std::size_t> records_;
};

TEST_CASE("recovery: a crash and a torn tail give every whole commit back", "[events][rocks]") {
  const OneLog ledger;
  CHECK(*ledger.open() == kCommits);
  ledger.truncate(ledger.wal_bytes() - 1);
  CHECK(*ledger.open() == kCommits - 1);
  ledger.truncate(ledger.record_from_end(0));
  CHECK(*ledger.open() == kCommits - 1);
  ledger.truncate(ledger.record_from_end(1) + kLogHeaderBytes / 2);
  CHECK(*ledger.open() == kCommits - 2);
}

TEST_CASE("recovery: zeros after the tail, as a file system may leave them, lose nothing", "[events][rocks]") {
  const OneLog ledger;
  ledger.append(std::string(100, '\0'));
  CHECK(*ledger.open() == kCommits);
}

TEST_CASE("recovery: a flipped bit refuses to open, whichever part of a record it hits", "[events][rocks]") {
  const OneLog ledger;
  const std::size_t first = ledger.first_record();
  const std::size_t last = ledger.record_from_end(0);
  for (const std::size_t place : {first + kChecksumAt, first + kLengthHighAt, first + kTypeAt, first + kLogHeaderBytes,
                                  last + kChecksumAt, last + kTypeAt, last + kLogHeaderBytes, ledger.wal_bytes() - 1}) {
    INFO("byte " << place << " of " << ledger.wal_bytes());
    ledger.flip(place);
    const auto found = ledger.open();
    REQUIRE(found.has_error());
    CHECK(found.error().code == core::Errc::corrupt);
  }
}

// Fails when a later RocksDB closes the hole: then docs/adr/0058 is to be followed by a new page. With an anchor it is
// refused: tests/events/rocks/rocks_anchor_test.cpp.
TEST_CASE("recovery: without an anchor a flipped length in the newest log's last block passes for a torn tail",
          "[events][rocks]") {
  const OneLog ledger;
  ledger.flip(ledger.record_from_end(0) + kLengthHighAt);
  CHECK(*ledger.open() == kCommits - 1);
  ledger.flip(ledger.record_from_end(9) + kLengthHighAt);
  CHECK(*ledger.open() == kCommits - 10);
}

}  // namespace
}  // namespace tally
