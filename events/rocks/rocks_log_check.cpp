#include "events/rocks/rocks_log_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdarg>
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
#include "events/rocks/rocks_log_files.hpp"
#include "events/rocks/rocks_options.hpp"
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
  RecordReader(WriteAheadRecord& record, std::uint32_t log, std::uint32_t meta)
      : record_(record), log_(log), meta_(meta) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (family == log_) {
      const auto sequence = read_be64(text_of(key));
      if (!sequence || key.size() != 8) return rocksdb::Status::Corruption("a key of the log is no sequence");
      record_.events.push_back({*sequence, core::as_bytes(text_of(value))});
    } else if (family == meta_ && text_of(key) == kHeadRow) {
      record_.head = text_of(value);
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
  const std::uint32_t log_;
  const std::uint32_t meta_;
};

/// Shows every record to the chain and lets none into memory.
class ChainFilter final : public rocksdb::WalFilter {
 public:
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
    RecordReader reader{record, log_, meta_};
    if (!batch.Iterate(&reader).ok()) return WalProcessingOption::kCorruptedRecord;
    return chain_.follow(record) ? WalProcessingOption::kIgnoreCurrentRecord : WalProcessingOption::kStopReplay;
  }
  [[nodiscard]] const WriteAheadChain& chain() const { return chain_; }

 private:
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

/// One opening that changes nothing.
class Pass {
 public:
  Pass(const std::string& folder, const std::vector<std::string>& families, Reading reading,
       const std::set<std::uint64_t>& absent = {})
      : files_(std::make_shared<LogFiles>(reading, absent)), env_(rocksdb::NewCompositeEnv(files_)) {
    rocksdb::DBOptions options = database_options({});
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
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      if (handle->GetName() != name_of(Family::log)) continue;
      const std::unique_ptr<rocksdb::Iterator> rows{database_->NewIterator({}, handle)};
      rows->SeekToLast();
      if (!rows->status().ok()) return error_of(rows->status(), "open");
      if (!rows->Valid()) break;
      const auto last = read_be64(text_of(rows->key()));
      if (!last) return core::fail(Errc::corrupt, "the log's last key is no sequence");
      return *last + 1;
    }
    return std::uint64_t{0};
  }

 private:
  const std::shared_ptr<LogFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  ChainFilter filter_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::Status status_;
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
    const Pass pass{folder, families, Reading::nothing, absent};
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
  const auto in_tables = Pass{folder, families, Reading::nothing, *absent}.events_in_tables();
  if (in_tables.has_error()) return plain;
  const Pass found{folder, families, Reading::lenient, *absent};
  if (const auto number = named_log(failed.status())) {
    return core::fail(Errc::corrupt, lost_with(folder + "/" + log_name(*number), found.chain(), *in_tables));
  }
  if (found.status().ok() || found.last_log().empty()) return plain;
  const std::uint64_t next = std::max(found.chain().next_event().value_or(0), *in_tables);
  return core::fail(Errc::corrupt, found.last_log() + " is damaged: event " + std::to_string(next) +
                                       " can not be read, nor what follows it (" + found.status().ToString() + ")");
}

}  // namespace

core::Result<CheckedLogs> check_logs(const std::string& folder, const std::vector<std::string>& families,
                                     WantedOfLogs wanted) {
  const Pass pass{folder, families, Reading::as_they_are};
  if (!pass.status().ok()) return explain(folder, families, pass);
  TALLY_TRY_ASSIGN(const std::uint64_t in_tables, pass.events_in_tables());
  const auto flaw = flaw_of(pass.chain(), in_tables);
  const bool is_good = !flaw || (wanted == WantedOfLogs::every_event && flaw->starts_with(kRowsAreMissing));
  if (!is_good) return core::fail(Errc::corrupt, *flaw);
  return CheckedLogs{pass.chain().last_row(), std::max(in_tables, pass.chain().next_event().value_or(0))};
}

}  // namespace tally::events
