#include "tests/events/crashed_ledger.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/sample_events.hpp"

namespace tally::testing {
namespace {

namespace fs = std::filesystem;
using events::Family;

constexpr std::uint64_t kCommitsBeforeCrash = 120;
constexpr std::size_t kEventsPerCommit = 8;
constexpr std::size_t kLogsMin = 4;
constexpr std::string_view kNewestRow = "newest";

std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (name != "owner.lock" && name != "LOCK") contents[name] = bytes_of(entry.path());
  }
  return contents;
}

}  // namespace

std::vector<std::size_t> log_records_of(const std::string& log) {
  std::vector<std::size_t> records;
  std::size_t at = 0;
  while (at + kLogHeaderBytes <= log.size()) {
    if (kLogBlockBytes - at % kLogBlockBytes < kLogHeaderBytes) {
      at += kLogBlockBytes - at % kLogBlockBytes;
      continue;
    }
    records.push_back(at);
    at += kLogHeaderBytes + static_cast<std::uint8_t>(log[at + kLogLengthAt]) +
          256U * static_cast<std::uint8_t>(log[at + kLogLengthAt + 1]);
  }
  return records;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

CrashedLedger::CrashedLedger(Flushed flushed, std::uint8_t first_event) {
  const bool flushes_log = flushed == Flushed::log;
  auto store = events::open_rocks_store(
      {.folder = folder_.str() + "/live", .write_buffer_bytes = std::size_t{flushes_log ? 64U : 1'024U} << 10});
  REQUIRE(store.has_value());
  events::Transaction transaction{**store, {}, {}};
  for (std::uint64_t number = 0; number < kCommitsBeforeCrash; ++number) {
    const auto at = sample_context(1'000 + static_cast<std::int64_t>(number));
    const std::vector<core::NewEvent> events(kEventsPerCommit, sample_new_event(number == 0 ? first_event : 1));
    REQUIRE(transaction.append(at, events).has_value());
    transaction.put(Family::usage, events::key_of({number}), std::string(flushes_log ? 8 : 4'000, 'u'));
    transaction.put(Family::session, kNewestRow, std::string(8, '\x7f') + events::key_of({number}));
    REQUIRE(transaction.commit().has_value());
    roots_.push_back(transaction.head().tree.root());
  }
  // Copied while it is open: what a crash leaves.
  fs::copy(folder_.path() / "live", folder_.path() / "crashed", fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator{folder_.path() / "crashed"}) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) logs_.push_back(entry.path().filename().string());
  }
  std::sort(logs_.begin(), logs_.end());
  REQUIRE(logs_.size() >= kLogsMin);
}

fs::path CrashedLedger::copy() const {
  fs::path copy = folder_.path() / "damaged";
  fs::remove_all(copy);
  fs::copy(folder_.path() / "crashed", copy, fs::copy_options::recursive);
  return copy;
}

CrashedLedger::Opened CrashedLedger::open(const fs::path& folder) const {
  const auto before = contents_of(folder);
  auto store = events::open_rocks_store({.folder = folder.string()});
  Opened opened;
  if (store.has_error()) {
    opened.is_refused = true;
    opened.detail = store.error().detail;
    INFO(opened.detail);
    CHECK(store.error().code == core::Errc::corrupt);
    const bool is_as_it_was = contents_of(folder) == before;
    CHECK(is_as_it_was);
    return opened;
  }
  store->reset();
  check_whole(folder, opened.commits);
  return opened;
}

void CrashedLedger::check_whole(const fs::path& folder, std::uint64_t& commits) const {
  const auto opened = events::open_rocks_store({.folder = folder.string()});
  REQUIRE(opened.has_value());
  const std::unique_ptr<events::Store>& store = *opened;
  events::CompactRange tree;
  events::LogCursor log{*store, {0}};
  for (;;) {
    const auto bytes = log.next_bytes();
    REQUIRE(bytes.has_value());
    if (!*bytes) break;
    tree.append(events::leaf_hash(**bytes));
  }
  REQUIRE(tree.size() % kEventsPerCommit == 0);
  commits = tree.size() / kEventsPerCommit;
  REQUIRE(commits <= roots_.size());
  if (commits > 0) CHECK(tree.root() == roots_[commits - 1]);
  CHECK(events::load_head(*store).value().tree.root() == tree.root());
  std::uint64_t rows = 0;
  for (auto cursor = store->scan(Family::usage, {}); cursor->valid(); cursor->next(), ++rows) {
    REQUIRE(cursor->key() == events::key_of({rows}));
  }
  CHECK(rows == commits);
  const auto newest = store->get(Family::session, kNewestRow);
  REQUIRE(newest.has_value());
  REQUIRE(newest->has_value() == (commits > 0));
  if (commits > 0) CHECK((*newest)->substr(8) == events::key_of({commits - 1}));
}

}  // namespace tally::testing
