#include <cstdlib>

#include <catch2/catch.hpp>

#include "tests/events/crashed_ledger.hpp"
#include "tests/support/seeded_random.hpp"

// Damage of several write-ahead logs: whatever is done to one, the ledger is refused as it lies, or whole:
// docs/adr/0036.
namespace tally {
namespace {

namespace fs = std::filesystem;
using testing::CrashedLedger;
using Flushed = CrashedLedger::Flushed;

/// How many places of a kind are damaged; all of them in the stage `long`.
std::size_t places() { return std::getenv("TALLY_DAMAGE_ALL") == nullptr ? 6 : std::size_t{1} << 20; }

/// Made once: nothing changes it.
const CrashedLedger& ledger_with(Flushed flushed) {
  static const CrashedLedger usage{Flushed::usage};
  static const CrashedLedger log{Flushed::log};
  return flushed == Flushed::usage ? usage : log;
}

void check_refused(const CrashedLedger& ledger, const fs::path& folder, const std::string& file) {
  const auto opened = ledger.open(folder);
  INFO(file << " | " << opened.detail);
  REQUIRE(opened.is_refused);
  CHECK(opened.detail.find(file) != std::string::npos);
  CHECK((opened.detail.find("event ") != std::string::npos ||
         opened.detail.find("though no event") != std::string::npos));
}

void flip(const fs::path& file, std::size_t byte, unsigned bit) {
  std::string bytes = testing::bytes_of(file);
  bytes[byte] = static_cast<char>(static_cast<std::uint8_t>(bytes[byte]) ^ 1U << bit);
  testing::write_bytes(file, bytes);
}

struct Bit {
  std::size_t byte;
  unsigned bit;
};

/// Every bit of the lengths of the records in the last block. Those that make a record reach beyond the end of
/// the file pass for a torn tail with RocksDB.
std::vector<Bit> length_bits(const std::string& log) {
  std::vector<Bit> bits;
  const std::size_t last_block = (log.size() - 1) / testing::kLogBlockBytes * testing::kLogBlockBytes;
  for (const std::size_t record : testing::log_records_of(log)) {
    if (record < last_block) continue;
    for (unsigned bit = 0; bit < 16; ++bit) bits.push_back({record + testing::kLogLengthAt + bit / 8, bit % 8});
  }
  return bits;
}

TEST_CASE("damage: a ledger that only crashed opens with every commit, whatever was flushed",
          "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  const auto opened = ledger.open(ledger.copy());
  INFO(opened.detail);
  REQUIRE_FALSE(opened.is_refused);
  CHECK(opened.commits == ledger.commits());
}

TEST_CASE("damage: a log before the newest that is cut, emptied or gone is refused, and named",
          "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  for (std::size_t index = 0; index + 1 < ledger.logs().size(); ++index) {
    const std::string& name = ledger.logs()[index];
    const auto size = fs::file_size(ledger.copy() / name);
    for (const std::uintmax_t cut : {std::uintmax_t{1}, std::uintmax_t{100}, size / 2, size - 3, size}) {
      INFO(name << " loses " << cut << " of " << size);
      const fs::path folder = ledger.copy();
      fs::resize_file(folder / name, size - cut);
      check_refused(ledger, folder, name);
    }
    const fs::path folder = ledger.copy();
    fs::remove(folder / name);
    check_refused(ledger, folder, name);
  }
}

TEST_CASE("damage: the first missing event is named", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(Flushed::usage);
  const std::string& oldest = ledger.logs()[0];
  const std::string& second = ledger.logs()[1];
  fs::path folder = ledger.copy();
  fs::remove(folder / oldest);
  CHECK(ledger.open(folder).detail == "event 0 is missing: " + (folder / oldest).string() + " is missing or cut");
  // What the ledger would be without all that follows the first log tells where that ends.
  folder = ledger.copy();
  fs::resize_file(folder / second, 0);
  const std::string detail = ledger.open(folder).detail;
  for (const std::string& name : ledger.logs()) {
    if (name != oldest) fs::remove(folder / name);
  }
  fs::remove(folder / oldest);
  CHECK(detail.ends_with((folder / second).string() + " is missing or cut"));
  const std::uint64_t missing = std::stoull(detail.substr(std::string{"event "}.size()));
  CHECK(missing % 8 == 0);
  CHECK(missing > 0);
  CHECK(missing < ledger.commits() * 8);
}

TEST_CASE("damage: a flipped bit in a length of a log before the newest is refused", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  testing::SeededRandom random{7};
  for (std::size_t index = 0; index + 1 < ledger.logs().size(); ++index) {
    const std::string& name = ledger.logs()[index];
    auto bits = length_bits(testing::bytes_of(ledger.copy() / name));
    for (std::size_t tried = 0; tried < places() && !bits.empty(); ++tried) {
      const auto chosen = bits.begin() + static_cast<std::ptrdiff_t>(random.below(bits.size()));
      INFO(name << ", byte " << chosen->byte << ", bit " << chosen->bit);
      const fs::path folder = ledger.copy();
      flip(folder / name, chosen->byte, chosen->bit);
      bits.erase(chosen);
      check_refused(ledger, folder, name);
    }
  }
}

TEST_CASE("damage: a flipped bit anywhere before the newest log's end is refused", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(Flushed::usage);
  testing::SeededRandom random{8};
  for (std::size_t index = 0; index + 1 < ledger.logs().size(); ++index) {
    const std::string& name = ledger.logs()[index];
    for (std::size_t tried = 0; tried < std::min(places(), std::size_t{500}); ++tried) {
      const fs::path folder = ledger.copy();
      const auto byte = static_cast<std::size_t>(random.below(fs::file_size(folder / name)));
      INFO(name << ", byte " << byte);
      flip(folder / name, byte, static_cast<unsigned>(random.below(8)));
      const auto opened = ledger.open(folder);
      // What fills a block behind its last record is nobody's.
      if (!opened.is_refused) CHECK(opened.commits == ledger.commits());
      if (opened.is_refused) CHECK(opened.detail.find(name) != std::string::npos);
    }
  }
}

TEST_CASE("damage: logs that took each other's place are refused by a reason, not an assertion",
          "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  for (std::size_t left = 0; left < ledger.logs().size(); ++left) {
    for (std::size_t right = left + 1; right < ledger.logs().size(); ++right) {
      INFO(ledger.logs()[left] << " and " << ledger.logs()[right]);
      const fs::path folder = ledger.copy();
      fs::rename(folder / ledger.logs()[left], folder / "moved");
      fs::rename(folder / ledger.logs()[right], folder / ledger.logs()[left]);
      fs::rename(folder / "moved", folder / ledger.logs()[right]);
      check_refused(ledger, folder, ".log");
    }
  }
}

TEST_CASE("damage: a log of another ledger, numbered alike, is refused", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(Flushed::usage);
  const CrashedLedger other{Flushed::usage, 2};
  // Their files' numbers may differ, because tables take some meanwhile; what is in them does not.
  REQUIRE(other.logs().size() == ledger.logs().size());
  for (std::size_t index = 1; index < ledger.logs().size(); ++index) {
    const std::string& name = ledger.logs()[index];
    const fs::path folder = ledger.copy();
    fs::copy_file(other.copy() / other.logs()[index], folder / name, fs::copy_options::overwrite_existing);
    check_refused(ledger, folder, name);
  }
}

TEST_CASE("damage: a torn tail of the newest log leaves the commits before it", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  const std::string& name = ledger.logs().back();
  const std::string bytes = testing::bytes_of(ledger.copy() / name);
  const auto records = testing::log_records_of(bytes);
  for (const std::size_t length : {bytes.size() - 1, records.back(), records.back() + testing::kLogHeaderBytes / 2}) {
    const fs::path folder = ledger.copy();
    fs::resize_file(folder / name, length);
    const auto opened = ledger.open(folder);
    INFO("cut to " << length << " of " << bytes.size() << " | " << opened.detail);
    REQUIRE_FALSE(opened.is_refused);
    CHECK(opened.commits == ledger.commits() - 1);
  }
}

TEST_CASE("damage: a torn tail that a start has left behind is no hole", "[events][rocks][damage]") {
  const CrashedLedger& ledger = ledger_with(GENERATE(Flushed::usage, Flushed::log));
  const fs::path folder = ledger.copy();
  const fs::path newest = folder / ledger.logs().back();
  fs::resize_file(newest, fs::file_size(newest) - 1);
  // The next start had begun its own log when it was killed.
  testing::write_bytes(folder / "000999.log", "");
  const auto opened = ledger.open(folder);
  INFO(opened.detail);
  REQUIRE_FALSE(opened.is_refused);
  CHECK(opened.commits == ledger.commits() - 1);
}

}  // namespace
}  // namespace tally
