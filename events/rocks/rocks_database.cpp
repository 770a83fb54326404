#include "events/rocks/rocks_database.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/file.h>
#include <unistd.h>

#include <rocksdb/write_batch.h>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_damage.hpp"
#include "events/rocks/rocks_new_folder.hpp"

namespace tally::events {
namespace {

namespace fs = std::filesystem;

/// Compaction takes the processor time that requests leave. Flushes keep theirs: the writer waits for a full memtable.
/// Of the whole process; where the system refuses, compaction is as it was.
void yield_to_requests() {
  rocksdb::Env::Default()
      ->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW, rocksdb::CpuPriority::kLow)
      .PermitUncheckedError();
}

}  // namespace

core::Result<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = folder + "/" + std::string{kLockName};
  const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  FolderLock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return core::fail(core::Errc::locked, folder + " is in use by another process");
    return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  }
  return lock;
}

core::Result<FolderLock> FolderLock::take_to_read(const std::string& folder) {
  const std::string path = folder + "/" + std::string{kLockName};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return FolderLock{descriptor};
  if (descriptor < 0) return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  FolderLock lock{descriptor};
  if (::flock(descriptor, LOCK_SH | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return core::fail(core::Errc::locked, folder + " is in use by another process");
  return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RocksDatabase::RocksDatabase(RocksOptions options, FolderLock lock)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      filter_(options_.now),
      cache_(rocksdb::NewLRUCache(options_.block_cache_bytes, 4)),
      anchor_(options_.anchor) {}

core::Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open(const RocksOptions& options, DiskRoom& room) {
  const bool is_new = !fs::exists(options.folder + "/CURRENT") && !has_been_a_ledger(options.folder);
  if (options.admit_size && is_new) TALLY_TRY(options.admit_size(0, ""));
  if (is_new) TALLY_TRY(check_may_be_new(options.anchor.get()));
  // Where something is already, be it an empty folder or a link, it is made in place.
  std::error_code error;
  const bool is_there = fs::symlink_status(options.folder, error).type() != fs::file_type::not_found;
  TALLY_TRY_ASSIGN(auto lock, is_there ? FolderLock::take(options.folder) : make(options));
  std::unique_ptr<RocksDatabase> database{new RocksDatabase{options, std::move(lock)}};
  TALLY_TRY(database->open_families(&room));
  return database;
}

core::Result<FolderLock> RocksDatabase::make(const RocksOptions& options) {
  RocksOptions unfinished = options;
  unfinished.folder += kUnfinishedSuffix;
  unfinished.anchor.reset();
  std::error_code error;
  fs::create_directories(unfinished.folder, error);
  if (error) return core::fail(core::Errc::io_failed, unfinished.folder + ": " + error.message());
  TALLY_TRY_ASSIGN(auto lock, FolderLock::take(unfinished.folder));
  TALLY_TRY(clear_unfinished(unfinished.folder));
  RocksDatabase made{unfinished, std::move(lock)};
  TALLY_TRY(made.open_families(nullptr));
  made.close();
  TALLY_TRY(put_in_place(unfinished.folder, options.folder));
  return std::move(made.lock_);
}

RocksDatabase::~RocksDatabase() { close(); }

void RocksDatabase::close() {
  if (database_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : live_) {
    if (handle != nullptr) database_->DestroyColumnFamilyHandle(handle);
  }
  if (unused_ != nullptr) database_->DestroyColumnFamilyHandle(unused_);
  live_ = {};
  unused_ = nullptr;
  // An error here is too late for anybody: what is committed is synced.
  database_->Close().PermitUncheckedError();
  database_.reset();
}

rocksdb::ColumnFamilyOptions RocksDatabase::options_of(Family family) const {
  return family_options(family, options_, cache_, options_.now ? &filter_ : nullptr);
}

core::Result<std::vector<std::string>> RocksDatabase::families_on_disk() const {
  std::vector<std::string> names;
  if (fs::exists(options_.folder + "/CURRENT")) {
    const auto status = rocksdb::DB::ListColumnFamilies(database_options(options_), options_.folder, &names);
    if (!status.ok()) return error_of(status, "open");
  } else if (has_been_a_ledger(options_.folder)) {
    return core::fail(core::Errc::corrupt, options_.folder + " holds a ledger without its file CURRENT");
  } else {
    names.emplace_back(rocksdb::kDefaultColumnFamilyName);
  }
  return names;
}

core::Result<void> RocksDatabase::open_families(DiskRoom* room) {
  TALLY_TRY_ASSIGN(const auto names, families_on_disk());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  std::array<bool, kFamilyCount> is_present{};
  for (const std::string& name : names) {
    const auto family = family_of_disk_name(name);
    if (!family && name != rocksdb::kDefaultColumnFamilyName) {
      return core::fail(core::Errc::unknown_event, "the ledger has rows of a later release: " + name);
    }
    if (family) is_present[index_of(*family)] = true;
    descriptors.emplace_back(name, family ? options_of(*family) : unused_family_options());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  yield_to_requests();
  TALLY_TRY_ASSIGN(const auto found, check_before_open(names));
  const CheckedLogs& logs = found.logs;
  std::error_code error;
  fs::remove_all(scratch_folder(), error);
  bool is_short = false;
  if (room != nullptr) {
    TALLY_TRY_ASSIGN(is_short, room->prepare_to_open());
  }
  rocksdb::DBOptions database_choices = database_options(options_);
  // What the log brings back stays in memory, and in the log, until there is room to write it out; unless that log ends
  // in what can not be read, and must not be there when the next one begins.
  database_choices.avoid_flush_during_recovery = is_short && !logs.has_damaged_tail;
  if (logs.has_damaged_tail) database_choices.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database_choices.listeners.push_back(std::make_shared<DamageListener>(options_.on_damage));
  const auto status = rocksdb::DB::Open(database_choices, options_.folder, descriptors, &handles, &database);
  if (!status.ok()) return error_of(status, "open");
  database_.reset(database);
  // A process before may have written rows past the logs, as a rebuild does, and the logs are kept: the next batch says
  // so.
  if (logs.last_row && database_->GetLatestSequenceNumber() > *logs.last_row) unlogged_since_ = logs.last_row;

  core::Result<void> outcome;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == name_of(Family::meta)) outcome = admit(handle);
  }
  if (outcome.has_value()) {
    const auto created = create_missing(is_present, handles);
    if (!created.ok()) outcome = error_of(created, "open");
  }
  if (outcome.has_value()) {
    TALLY_TRY(adopt(handles));
    return begin_anchor(found);
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles) database_->DestroyColumnFamilyHandle(handle);
  return outcome;
}

core::Result<RocksDatabase::FoundOnDisk> RocksDatabase::check_before_open(const std::vector<std::string>& names) const {
  AnchorFile* const file = options_.anchor.get();
  FoundOnDisk found;
  if (!options_.accepts_loss) {
    TALLY_TRY_ASSIGN(found.anchor, load_anchor(file));
  }
  if (!fs::exists(options_.folder + "/CURRENT")) return found;
  const auto wanted = options_.accepts_loss ? anchor_of_nothing() : found.anchor;
  TALLY_TRY_ASSIGN(found.logs,
                   check_logs(options_.folder, names, WantedOfLogs::every_row, wanted, options_.admit_size));
  if (!options_.accepts_loss) TALLY_TRY(check_is_anchor_of(found.logs.anchored, found.anchor, file));
  return found;
}

core::Result<void> RocksDatabase::begin_anchor(const FoundOnDisk& found) {
  if (!options_.anchor) return {};
  TALLY_TRY_ASSIGN(const auto head, rocks_get(*database_, live(Family::meta), kHeadRow, nullptr));
  if (head) anchor_.note_head(*head);
  if (options_.accepts_loss) {
    anchor_.begin_anew(found.logs.anchored);
    return {};
  }
  TALLY_TRY(anchor_.begin(found.logs.anchored, found.anchor, found.logs.last_number));
  if (found.logs.anchored || !anchor_.is_kept()) return {};
  const rocksdb::WriteOptions options = write_options(true);
  rocksdb::WriteBatch writes{0, 0, options.protection_bytes_per_key, 0};
  rocksdb::Status status = writes.Put(live(Family::meta), std::string{kAnchoredRow}, anchor_.row());
  if (status.ok()) status = write(options, writes);
  return status.ok() ? core::Result<void>{} : error_of(status, "open");
}

core::Result<void> RocksDatabase::admit(rocksdb::ColumnFamilyHandle* meta) const {
  if (!options_.admit) return {};
  FamilyHandles only_meta{};
  only_meta[index_of(Family::meta)] = meta;
  return options_.admit(RocksSnapshot{*database_, only_meta});
}

rocksdb::Status RocksDatabase::create_missing(const std::array<bool, kFamilyCount>& is_present,
                                              std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  // All at once: one by one, each would write all options of all families again.
  std::vector<rocksdb::ColumnFamilyDescriptor> missing;
  for (const Family family : all_families()) {
    if (!is_present[index_of(family)]) missing.emplace_back(disk_name(family, kFirstGeneration), options_of(family));
  }
  if (missing.empty()) return rocksdb::Status::OK();
  std::vector<rocksdb::ColumnFamilyHandle*> created;
  auto status = database_->CreateColumnFamilies(missing, &created);
  handles.insert(handles.end(), created.begin(), created.end());
  return status;
}

core::Result<void> RocksDatabase::adopt(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  std::map<std::string, rocksdb::ColumnFamilyHandle*> by_name;
  for (rocksdb::ColumnFamilyHandle* handle : handles) by_name.emplace(handle->GetName(), handle);
  unused_ = by_name.extract(rocksdb::kDefaultColumnFamilyName).mapped();
  const auto generations = read_generations(by_name.at(std::string{name_of(Family::meta)}));
  core::Result<void> outcome = generations;
  for (const Family family : all_families()) {
    auto node = by_name.extract(disk_name(family, generations_[index_of(family)]));
    if (!node.empty()) {
      live_[index_of(family)] = node.mapped();
    } else if (!outcome.has_error()) {
      outcome = core::fail(core::Errc::corrupt, "the rows of " + std::string{name_of(family)} + " are gone");
    }
  }
  // What is left are twins of a rebuild that a crash has cut short; after an error they are evidence, and stay.
  std::vector<rocksdb::ColumnFamilyHandle*> left;
  for (const auto& [name, handle] : by_name) left.push_back(handle);
  if (outcome.has_value()) {
    drop(left);
  } else {
    for (rocksdb::ColumnFamilyHandle* handle : left) database_->DestroyColumnFamilyHandle(handle);
  }
  return outcome;
}

core::Result<void> RocksDatabase::read_generations(rocksdb::ColumnFamilyHandle* meta) {
  // What can not be read leaves the first ones.
  generations_ = *decode_generations(std::nullopt);
  TALLY_TRY_ASSIGN(const auto row, rocks_get(*database_, meta, kGenerationRow, nullptr));
  TALLY_TRY_ASSIGN(generations_, decode_generations(row));
  return {};
}

rocksdb::Status RocksDatabase::write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch,
                                     std::optional<std::string_view> head) {
  rocksdb::Status status;
  if (unlogged_since_) {
    std::string mark{kUnloggedMark};
    append_be64(mark, *unlogged_since_);
    status = batch.PutLogData(mark);
  }
  if (status.ok()) status = database_->Write(options, &batch);
  if (!status.ok()) return status;
  unlogged_since_.reset();
  if (head) anchor_.note_head(*head);
  if (!options.sync) return status;
  const auto kept = anchor_.keep(database_->GetLatestSequenceNumber());
  return kept.has_error() ? rocksdb::Status::IOError(kept.error().detail) : status;
}

core::Result<std::vector<Twin>> RocksDatabase::create_twins(std::span<const Family> families) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const Family family : families) {
    TALLY_CHECK(kind_of(family) == FamilyKind::projection, std::string{name_of(family)});
    descriptors.emplace_back(disk_name(family, generations_[index_of(family)] + 1), options_of(family));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  if (!unlogged_since_) unlogged_since_ = database_->GetLatestSequenceNumber();
  const auto status = database_->CreateColumnFamilies(descriptors, &handles);
  if (!status.ok()) {
    drop(handles);
    return error_of(status, "twins");
  }
  std::vector<Twin> twins;
  for (std::size_t index = 0; index < families.size(); ++index) twins.push_back({families[index], handles[index]});
  return twins;
}

core::Result<void> RocksDatabase::promote(std::span<const Twin> twins, std::span<const MetaRow> marks) {
  auto generations = generations_;
  for (const Twin& twin : twins) ++generations[index_of(twin.family)];
  const rocksdb::WriteOptions options = write_options(true);
  rocksdb::WriteBatch writes{0, 0, options.protection_bytes_per_key, 0};
  rocksdb::Status status = writes.Put(live(Family::meta), std::string{kGenerationRow}, encode_generations(generations));
  for (const MetaRow& mark : marks) {
    if (status.ok()) status = writes.Put(live(Family::meta), mark.name, mark.value);
  }
  if (status.ok()) status = write(options, writes);
  if (!status.ok()) return error_of(status, "promote");
  generations_ = generations;
  std::vector<rocksdb::ColumnFamilyHandle*> replaced;
  for (const Twin& twin : twins) replaced.push_back(std::exchange(live_[index_of(twin.family)], twin.handle));
  drop(replaced);
  return {};
}

void RocksDatabase::drop(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  if (handles.empty()) return;
  // Families that could not be dropped are left over, and go at the next open.
  database_->DropColumnFamilies(handles).PermitUncheckedError();
  for (rocksdb::ColumnFamilyHandle* handle : handles) database_->DestroyColumnFamilyHandle(handle);
}

}  // namespace tally::events
