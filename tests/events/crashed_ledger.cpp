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
constexpr std::uint64_t kCommitsMax = 400;    ///< Of one with a given number of logs.
constexpr std::uint64_t kCommitsInLast = 13;  ///< And of them, those in the newest.
constexpr std::string_view kNewestRow = "newest";

std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (name != "owner.lock" && name != "LOCK") contents[name] = bytes_of(entry.path());
  }
  if (fs::exists(anchor_beside(folder))) contents["the anchor"] = bytes_of(anchor_beside(folder));
  return contents;
}

/// Those that hold something, oldest first, as names.
std::vector<std::string> logs_in(const fs::path& folder) {
  std::vector<std::string> logs;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder}) {
    // A log may go meanwhile.
    const bool holds = entry.path().extension() == ".log" && entry.file_size(error) > 0;
    if (holds && !error) logs.push_back(entry.path().filename().string());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

events::RocksOptions options_for(const fs::path& folder) {
  events::RocksOptions options{.folder = folder.string()};
  if (fs::exists(anchor_beside(folder))) options.anchor = std::make_shared<events::AnchorFile>(anchor_beside(folder));
  return options;
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

std::string anchor_beside(const fs::path& folder) { return folder.string() + ".anchor"; }

CrashedLedger::CrashedLedger(Flushed flushed, std::uint8_t first_event)
    : CrashedLedger(Shape{flushed == Flushed::log, false, 0, first_event}) {}

CrashedLedger CrashedLedger::anchored(std::size_t logs, std::uint8_t first_event) {
  return CrashedLedger{Shape{false, true, logs, first_event}};
}

CrashedLedger::CrashedLedger(const Shape& shape) {
  const fs::path live = folder_->path() / "live";
  events::RocksOptions options{.folder = live.string(),
                               .write_buffer_bytes = std::size_t{shape.flushes_log ? 64U : 1'024U} << 10};
  if (shape.is_anchored) options.anchor = std::make_shared<events::AnchorFile>(anchor_beside(live));
  auto store = events::open_rocks_store(options);
  REQUIRE(store.has_value());
  events::Transaction transaction{**store, {}, {}};
  std::uint64_t last = shape.logs > 0 ? kCommitsMax : kCommitsBeforeCrash;
  for (std::uint64_t number = 0; number < last; ++number) {
    const auto at = sample_context(1'000 + static_cast<std::int64_t>(number));
    // Where it is anchored, some commits have rows alone.
    const bool has_events = !shape.is_anchored || number % 4 != 3;
    const std::vector<core::NewEvent> events(has_events ? kEventsPerCommit : 0,
                                             sample_new_event(number == 0 ? shape.first_event : 1));
    REQUIRE(transaction.append(at, events).has_value());
    transaction.put(Family::usage, events::key_of({number}), std::string(shape.flushes_log ? 8 : 4'000, 'u'));
    transaction.put(Family::session, kNewestRow, std::string(8, '\x7f') + events::key_of({number}));
    REQUIRE(transaction.commit().has_value());
    const auto logs = logs_in(live);
    Moment moment{transaction.head().tree.size(), transaction.head().tree.root()};
    moment.log = logs.back();
    moment.log_bytes = fs::file_size(live / moment.log);
    if (shape.is_anchored) moment.anchor = bytes_of(anchor_beside(live));
    moments_.push_back(std::move(moment));
    if (logs.size() == shape.logs) last = std::min(last, number + kCommitsInLast);
  }
  // Copied while it is open: what a crash leaves.
  fs::copy(live, folder_->path() / "crashed", fs::copy_options::recursive);
  if (shape.is_anchored) fs::copy_file(anchor_beside(live), anchor_beside(folder_->path() / "crashed"));
  logs_ = logs_in(folder_->path() / "crashed");
  REQUIRE((shape.logs > 0 ? logs_.size() == shape.logs : logs_.size() >= kLogsMin));
}

fs::path CrashedLedger::copy() const {
  fs::path copy = folder_->path() / "damaged";
  fs::remove_all(copy);
  fs::copy(folder_->path() / "crashed", copy, fs::copy_options::recursive);
  if (fs::exists(anchor_beside(folder_->path() / "crashed"))) {
    fs::copy_file(anchor_beside(folder_->path() / "crashed"), anchor_beside(copy),
                  fs::copy_options::overwrite_existing);
  }
  return copy;
}

CrashedLedger::Opened CrashedLedger::open(const fs::path& folder) const {
  const auto before = contents_of(folder);
  auto store = events::open_rocks_store(options_for(folder));
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
  const auto opened = events::open_rocks_store(options_for(folder));
  INFO((opened.has_error() ? opened.error().detail : ""));
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
  CHECK(events::load_head(*store).value().tree.root() == tree.root());
  commits = 0;
  for (auto cursor = store->scan(Family::usage, {}); cursor->valid(); cursor->next(), ++commits) {
    REQUIRE(cursor->key() == events::key_of({commits}));
  }
  REQUIRE(commits <= moments_.size());
  CHECK(tree.size() == (commits > 0 ? moments_[commits - 1].events : 0));
  if (commits > 0) CHECK(tree.root() == moments_[commits - 1].root);
  const auto newest = store->get(Family::session, kNewestRow);
  REQUIRE(newest.has_value());
  REQUIRE(newest->has_value() == (commits > 0));
  if (commits > 0) CHECK((*newest)->substr(8) == events::key_of({commits - 1}));
}

}  // namespace tally::testing
