#include "events/rocks/rocks_log_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdarg>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/write_ahead_chain.hpp"
#include "events/rocks/rocks_anchor.hpp"
#include "events/rocks/rocks_log_files.hpp"
#include "events/rocks/rocks_options.hpp"
#include "events/rocks/rocks_reader.hpp"
#include "events/store/family.hpp"

namespace tally::events {
namespace {

using core::Errc;
using Reading = LogFiles::Reading;

constexpr int kAbsentLogsMax = 64;
constexpr std::string_view kNumberWords = "log number: ";  ///< Of RocksDB, before the number of a log that it misses.

std::string_view text_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// RocksDB keeps the number of a batch's first row in its first 8 bytes, little-endian.
std::uint64_t first_row_of(const rocksdb::WriteBatch& batch) {
  std::uint64_t number = 0;
  for (int index = 7; index >= 0; --index) {
    number = number << 8 | static_cast<std::uint8_t>(batch.Data()[static_cast<std::size_t>(index)]);
  }
  return number;
}

/// What of a batch the chain asks for.
class RecordReader final : public rocksdb::WriteBatch::Handler {
 public:
  RecordReader(WriteAheadRecord& record, std::optional<std::string>& anchored, std::uint32_t log, std::uint32_t meta)
      : record_(record), anchored_(anchored), log_(log), meta_(meta) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (family == log_) {
      const auto sequence = read_be64(text_of(key));
      if (!sequence || key.size() != 8) return rocksdb::Status::Corruption("a key of the log is no sequence");
      record_.events.push_back({*sequence, core::as_bytes(text_of(value))});
    } else if (family == meta_ && text_of(key) == kHeadRow) {
      record_.head = text_of(value);
    } else if (family == meta_ && text_of(key) == kAnchoredRow) {
      anchored_ = text_of(value);
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status SingleDeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status MergeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  void LogData(const rocksdb::Slice& blob) override {
    const std::string_view text = text_of(blob);
    if (text.starts_with(kUnloggedMark)) record_.unlogged_since = read_be64(text.substr(kUnloggedMark.size()));
  }

 private:
  WriteAheadRecord& record_;
  std::optional<std::string>& anchored_;
  const std::uint32_t log_;
  const std::uint32_t meta_;
};

/// Shows every record to the chain and lets none into memory.
class ChainFilter final : public rocksdb::WalFilter {
 public:
  explicit ChainFilter(std::optional<std::uint64_t> root_at) : root_at_(root_at) {}
  [[nodiscard]] const char* Name() const override { return "tally.chain"; }
  void ColumnFamilyLogNumberMap(const std::map<std::uint32_t, std::uint64_t>&,
                                const std::map<std::string, std::uint32_t>& ids) override {
    for (const auto& [name, id] : ids) {
      if (name == name_of(Family::log)) log_ = id;
      if (name == name_of(Family::meta)) meta_ = id;
    }
  }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string& file, const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch*, bool*) override {
    WriteAheadRecord record;
    record.file = file;
    record.first = first_row_of(batch);
    record.rows = batch.Count();
    RecordReader reader{record, anchored_, log_, meta_};
    if (!batch.Iterate(&reader).ok()) return WalProcessingOption::kCorruptedRecord;
    const bool goes_on = chain_.follow(record);
    if (!root_ && root_at_ && chain_.tree() && chain_.tree()->size() == *root_at_) root_ = chain_.tree()->root();
    return goes_on ? WalProcessingOption::kIgnoreCurrentRecord : WalProcessingOption::kStopReplay;
  }
  [[nodiscard]] const WriteAheadChain& chain() const { return chain_; }
  /// The tree's at the size that was asked for; empty: no head of that size was met.
  [[nodiscard]] const std::optional<core::Digest>& root() const { return root_; }
  /// The last such row; empty: none was met.
  [[nodiscard]] const std::optional<std::string>& anchored() const { return anchored_; }

 private:
  const std::optional<std::uint64_t> root_at_;
  std::optional<core::Digest> root_;
  std::optional<std::string> anchored_;
  // An id that no family has, until the map is told.
  std::uint32_t log_ = UINT32_MAX;
  std::uint32_t meta_ = UINT32_MAX;
  WriteAheadChain chain_;
};

class NoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, std::va_list) override {}
};

/// What a pass is asked for beside the chain.
struct Asked {
  std::set<std::uint64_t> absent = {};
  std::optional<std::uint64_t> root_at = {};
  rocksdb::WALRecoveryMode mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
};

/// One opening that changes nothing.
class Pass {
 public:
  Pass(const std::string& folder, const std::vector<std::string>& families, Reading reading, const Asked& asked = {})
      : files_(std::make_shared<LogFiles>(reading, asked.absent)),
        env_(rocksdb::NewCompositeEnv(files_)),
        filter_(asked.root_at) {
    rocksdb::DBOptions options = database_options({});
    options.wal_recovery_mode = asked.mode;
    options.create_if_missing = false;
    options.env = env_.get();
    options.info_log = std::make_shared<NoLog>();
    options.wal_filter = &filter_;
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : families) descriptors.emplace_back(name, unused_family_options());
    rocksdb::DB* database = nullptr;
    status_ = rocksdb::DB::OpenForReadOnly(options, folder, descriptors, &handles_, &database);
    database_.reset(database);
  }
  ~Pass() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      database_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  [[nodiscard]] const rocksdb::Status& status() const { return status_; }
  [[nodiscard]] const WriteAheadChain& chain() const { return filter_.chain(); }
  [[nodiscard]] const std::string& last_log() const { return files_->last_opened(); }

  /// How many events the tables hold. Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<std::uint64_t> events_in_tables() const {
    rocksdb::ColumnFamilyHandle* log = handle_of(Family::log);
    if (log == nullptr) return std::uint64_t{0};
    const std::unique_ptr<rocksdb::Iterator> rows{database_->NewIterator({}, log)};
    rows->SeekToLast();
    if (!rows->status().ok()) return error_of(rows->status(), "open");
    if (!rows->Valid()) return std::uint64_t{0};
    const auto last = read_be64(text_of(rows->key()));
    if (!last) return core::fail(Errc::corrupt, "the log's last key is no sequence");
    return *last + 1;
  }

  /// The last number that is known, in logs or, where they hold nothing, in tables.
  [[nodiscard]] std::uint64_t last_row() const {
    return chain().last_row().value_or(database_->GetLatestSequenceNumber());
  }
  /// The row `anchored`, as it is after all logs. Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<std::optional<std::string>> anchored() const {
    if (filter_.anchored()) return filter_.anchored();
    return row_in_tables(kAnchoredRow);
  }
  /// Of the tree at the size that was asked for; empty: it can not be told. Errors: corrupt, io_failed.
  [[nodiscard]] core::Result<std::optional<core::Digest>> root(std::uint64_t size) const {
    if (filter_.root()) return filter_.root();
    TALLY_TRY_ASSIGN(const auto row, row_in_tables(kHeadRow));
    if (!row) return std::optional<core::Digest>{};
    const auto head = decode_head(*row);
    if (head.has_error() || head->tree.size() != size) return std::optional<core::Digest>{};
    return std::optional{head->tree.root()};
  }

 private:
  const std::shared_ptr<LogFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  ChainFilter filter_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::Status status_;

  /// Null: it was not opened.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle_of(Family family) const {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      if (handle->GetName() == name_of(family)) return handle;
    }
    return nullptr;
  }
  /// Of meta.
  [[nodiscard]] core::Result<std::optional<std::string>> row_in_tables(std::string_view name) const {
    rocksdb::ColumnFamilyHandle* meta = handle_of(Family::meta);
    if (meta == nullptr) return std::optional<std::string>{};
    return rocks_get(*database_, meta, name, nullptr);
  }
};

std::string event_is_missing(std::uint64_t event) { return "event " + std::to_string(event) + " is missing: "; }

constexpr std::string_view kRowsAreMissing = "rows are missing, though no event is: ";

/// What is wrong with logs that can be read to their ends; empty: nothing. `in_tables`: events.
std::optional<std::string> flaw_of(const WriteAheadChain& chain, std::uint64_t in_tables) {
  if (chain.first_event() && *chain.first_event() > in_tables) {
    return event_is_missing(in_tables) + "no file holds it, and " + chain.first_file() + " goes on after it";
  }
  if (!chain.found()) return std::nullopt;
  using Kind = WriteAheadChain::Break::Kind;
  const WriteAheadChain::Break& at = *chain.found();
  const std::uint64_t next = std::max(at.event_next.value_or(0), in_tables);
  const std::string between = at.ends + " ends before it, and " + at.goes_on + " goes on after it";
  switch (at.kind) {
    case Kind::jump:
      if (at.event_met && *at.event_met <= next) {
        return std::string{kRowsAreMissing} + at.ends + " ends early, and " + at.goes_on + " goes on later";
      }
      return event_is_missing(next) + between;
    case Kind::back:
      return event_is_missing(next) + at.ends + " ends before it, and " + at.goes_on +
             " does not follow: the files have changed places, or are not of one ledger";
    case Kind::foreign:
      return event_is_missing(next) + at.goes_on + " holds another in its place";
  }
  core::check_failed("a known kind", __FILE__, __LINE__, "");
}

/// The number of the log that RocksDB misses, or finds too short; empty: it complains about something else.
std::optional<std::uint64_t> named_log(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  const std::size_t at = text.find(kNumberWords);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = text.data() + at + kNumberWords.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  return error == std::errc{} && end != begin ? std::optional{number} : std::nullopt;
}

/// What is lost with a log that is missing or too short, when `found` is what the rest of them shows.
std::string lost_with(const std::string& file, const WriteAheadChain& found, std::uint64_t in_tables) {
  const std::string about = file + " is missing or cut";
  const bool is_the_end = found.last_file().empty() || found.last_file() <= file;
  const auto flaw = flaw_of(found, in_tables);
  if (flaw ? flaw->starts_with(kRowsAreMissing) : !is_the_end) return std::string{kRowsAreMissing} + about;
  const auto known = found.found() ? found.found()->event_next : found.next_event();
  const bool is_the_beginning = found.first_event() && *found.first_event() > in_tables;
  return event_is_missing(is_the_beginning ? in_tables : std::max(known.value_or(0), in_tables)) + about;
}

/// The logs that RocksDB misses. Empty: it refuses for another reason as well.
std::optional<std::set<std::uint64_t>> absent_logs(const std::string& folder,
                                                   const std::vector<std::string>& families) {
  std::set<std::uint64_t> absent;
  for (int tries = 0; tries < kAbsentLogsMax; ++tries) {
    const Pass pass{folder, families, Reading::nothing, {absent}};
    if (pass.status().ok()) return absent;
    const auto number = named_log(pass.status());
    if (!number) return std::nullopt;
    absent.insert(*number);
  }
  return std::nullopt;
}

/// The words for what made the first pass fail.
core::Error explain(const std::string& folder, const std::vector<std::string>& families, const Pass& failed) {
  const core::Error plain = error_of(failed.status(), "open");
  if (plain.code != Errc::corrupt) return plain;
  const auto absent = absent_logs(folder, families);
  if (!absent) return plain;
  const auto in_tables = Pass{folder, families, Reading::nothing, {*absent}}.events_in_tables();
  if (in_tables.has_error()) return plain;
  const Pass found{folder, families, Reading::lenient, {*absent}};
  if (const auto number = named_log(failed.status())) {
    return core::fail(Errc::corrupt, lost_with(folder + "/" + log_name(*number), found.chain(), *in_tables));
  }
  if (found.status().ok() || found.last_log().empty()) return plain;
  const std::uint64_t next = std::max(found.chain().next_event().value_or(0), *in_tables);
  return core::fail(Errc::corrupt, found.last_log() + " is damaged: event " + std::to_string(next) +
                                       " can not be read, nor what follows it (" + found.status().ToString() + ")");
}

/// Which file is the last that holds anything, for whoever looks for what is missing.
std::string where_it_ends(const Pass& pass) {
  const std::string& holds = pass.chain().last_file();
  const std::string& newest = pass.last_log();
  if (newest.empty()) return "there is no write-ahead log";
  if (holds.empty()) return newest + " is the last write-ahead log, and holds nothing";
  if (holds != newest) return holds + " ends before it, and " + newest + " after it holds nothing";
  return holds + " ends before it, and no file follows";
}

/// What a pass over logs that can be read shows. Errors: corrupt, io_failed, and admit_size's.
core::Result<CheckedLogs> judge(const Pass& pass, WantedOfLogs wanted, const std::optional<Anchor>& anchor,
                                const AdmitSize& admit_size) {
  TALLY_TRY_ASSIGN(const std::uint64_t in_tables, pass.events_in_tables());
  const auto flaw = flaw_of(pass.chain(), in_tables);
  const bool is_good = !flaw || (wanted == WantedOfLogs::every_event && flaw->starts_with(kRowsAreMissing));
  if (!is_good) return core::fail(Errc::corrupt, *flaw);
  CheckedLogs logs;
  logs.last_row = pass.chain().last_row();
  logs.last_number = pass.last_row();
  logs.events = std::max(in_tables, pass.chain().next_event().value_or(0));
  TALLY_TRY_ASSIGN(logs.anchored, pass.anchored());
  const std::string where = where_it_ends(pass);
  if (admit_size) TALLY_TRY(admit_size(logs.events, where));
  if (!anchor) return logs;
  FoundLedger found{logs.last_number, logs.events, {}, where};
  TALLY_TRY_ASSIGN(found.root, pass.root(anchor->size));
  const auto shortfall = shortfall_of(found, *anchor);
  const bool is_allowed =
      !shortfall || (wanted == WantedOfLogs::every_event && shortfall->kind == Shortfall::Kind::rows);
  if (!is_allowed) return core::fail(Errc::corrupt, shortfall->words + std::string{kAnchorWayOut});
  return logs;
}

/// Whether any log later than `last` holds rows. Batches are synced in turn: a power cut leaves nothing behind one that
/// it has torn. But an opening that ends a torn log begins the next with a record of no rows; killed before the
/// manifest says so, it leaves both.
bool goes_on_after(const std::string& folder, const std::string& last) {
  constexpr std::uintmax_t kBytesWithoutRows = 7 + 12;  // the headers of a record and of a batch
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".log") && entry.file_size(error) > kBytesWithoutRows && is_later_log(name, last)) return true;
  }
  return static_cast<bool>(error);
}

}  // namespace

core::Result<CheckedLogs> check_logs(const std::string& folder, const std::vector<std::string>& families,
                                     WantedOfLogs wanted, const std::optional<Anchor>& anchor,
                                     const AdmitSize& admit_size) {
  Asked asked;
  if (anchor) asked.root_at = anchor->size;
  const Pass pass{folder, families, Reading::as_they_are, asked};
  if (pass.status().ok()) return judge(pass, wanted, anchor, admit_size);
  const core::Error why = explain(folder, families, pass);
  if (!anchor || why.code != Errc::corrupt || pass.last_log().empty() || named_log(pass.status())) return why;
  // Whether what can not be read lies behind the anchor: then nobody was told of it.
  asked.mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const Pass before_it{folder, families, Reading::as_they_are, asked};
  if (!before_it.status().ok() || goes_on_after(folder, pass.last_log())) return why;
  auto logs = judge(before_it, wanted, anchor, admit_size);
  if (logs.has_error()) return logs.error().code == Errc::corrupt ? why : logs.error();
  logs->has_damaged_tail = true;
  return logs;
}

}  // namespace tally::events
