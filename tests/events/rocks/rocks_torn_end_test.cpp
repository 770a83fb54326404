#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/events/rocks/anchored_ledger.hpp"

// What a power cut or a kill leaves behind the last batch that anybody was told of opens by itself: docs/adr/0058.
namespace tally {
namespace {

namespace fs = std::filesystem;
using testing::anchored_ledger;
using testing::anchored_places;
using testing::CrashedLedger;
using testing::kLogsMost;
using testing::random_bytes;

/// Whole, but for its checksum.
std::string torn_record() {
  std::string record(testing::kLogHeaderBytes + 100, 'x');
  record[testing::kLogLengthAt] = 100;
  record[testing::kLogLengthAt + 1] = 0;
  record[testing::kLogLengthAt + 2] = 1;
  return record;
}

TEST_CASE("anchored: garbage behind the last record loses nothing", "[events][rocks][anchor]") {
  testing::SeededRandom random{12};
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    const CrashedLedger& ledger = anchored_ledger(logs);
    for (const std::size_t size : {1UL, 6UL, 7UL, 8UL, 100UL, 4'096UL, 40'000UL}) {
      for (const bool is_zeros : {true, false}) {
        INFO(logs << " logs, " << size << (is_zeros ? " zeros" : " random bytes"));
        const fs::path folder = ledger.copy();
        const fs::path newest = folder / ledger.logs().back();
        const std::string behind = is_zeros ? std::string(size, '\0') : random_bytes(random, size);
        testing::write_bytes(newest, testing::bytes_of(newest) + behind);
        const auto opened = ledger.open(folder);
        INFO(opened.detail);
        REQUIRE_FALSE(opened.is_refused);
        CHECK(opened.commits == ledger.commits());
      }
    }
  }
}

TEST_CASE("anchored: whatever a power cut leaves of a commit that nobody was told of, the ledger opens",
          "[events][rocks][anchor]") {
  testing::SeededRandom random{13};
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    const CrashedLedger& ledger = anchored_ledger(logs);
    const auto& moments = ledger.moments();
    const auto& last = moments.back();
    for (std::size_t tried = 0; tried < 5 * anchored_places(); ++tried) {
      // The commit after `told` was being written.
      const std::size_t told = moments.size() - 2 - static_cast<std::size_t>(random.below(10));
      if (moments[told].log != last.log) continue;
      const fs::path folder = ledger.copy();
      testing::write_bytes(testing::anchor_beside(folder), moments[told].anchor);
      std::string bytes = testing::bytes_of(folder / last.log).substr(0, moments[told + 1].log_bytes);
      const std::size_t from = moments[told].log_bytes;
      const std::size_t length = bytes.size() - from;
      const std::size_t at = from + random.below(length);
      const auto kind = random.below(4);
      if (kind == 0) bytes.resize(at);
      if (kind == 1) bytes[at] = static_cast<char>(~bytes[at]);
      if (kind == 2) std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\0');
      if (kind == 3) bytes.replace(at, std::string::npos, random_bytes(random, bytes.size() - at));
      testing::write_bytes(folder / last.log, bytes);
      INFO(logs << " logs, told " << told + 1 << ", kind " << kind << " at " << at - from << " of " << length);
      const auto opened = ledger.open(folder);
      INFO(opened.detail);
      REQUIRE_FALSE(opened.is_refused);
      CHECK((opened.commits == told + 1 || opened.commits == told + 2));
    }
  }
}

TEST_CASE("anchored: an opening that ends a torn log and is killed before it is done leaves a ledger that opens",
          "[events][rocks][anchor]") {
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    INFO(logs << " logs");
    const CrashedLedger& ledger = anchored_ledger(logs);
    const auto torn = [&] {
      const fs::path folder = ledger.copy();
      const fs::path newest = folder / ledger.logs().back();
      testing::write_bytes(newest, testing::bytes_of(newest) + torn_record());
      return folder;
    };
    // What the manifest does not name yet when it is killed: the log that the opening begins.
    const auto newest_log = [](const fs::path& folder) {
      std::string newest;
      for (const auto& entry : fs::directory_iterator{folder}) {
        if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().filename().string());
      }
      return newest;
    };
    std::string name;
    std::string begun;
    {
      const fs::path folder = torn();
      const std::string before = newest_log(folder);
      const auto store = events::open_rocks_store(testing::anchored_options(folder));
      REQUIRE(store.has_value());
      name = newest_log(folder);
      REQUIRE(name > before);
      begun = testing::bytes_of(folder / name);
      REQUIRE_FALSE(begun.empty());
    }
    const fs::path folder = torn();
    testing::write_bytes(folder / name, begun);
    const auto again = ledger.open(folder);
    INFO(again.detail);
    REQUIRE_FALSE(again.is_refused);
    CHECK(again.commits == ledger.commits());
  }
}

}  // namespace
}  // namespace tally
