#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>

#include "events/rocks/rocks_anchor.hpp"
#include "events/rocks/rocks_log_check.hpp"
#include "events/rocks/rocks_names.hpp"
#include "events/rocks/rocks_options.hpp"
#include "events/rocks/rocks_reader.hpp"

/// The open database and its families. Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// The file of a ledger's folder that is locked.
inline constexpr std::string_view kLockName = "owner.lock";

/// Where a ledger's folder keeps what is not of it; emptied at every opening.
inline std::string scratch_folder_of(const std::string& folder) { return folder + "/scratch"; }

/// Holds a folder for one process, and within it for one owner. Released by the end of the object or of the process.
class FolderLock {
 public:
  /// Errors: locked, io_failed.
  static core::Result<FolderLock> take(const std::string& folder);
  /// For whoever only reads: beside others who do, and of a folder to which nothing can be written. Makes no file;
  /// without one nobody has ever opened the folder where it is. Errors: locked, io_failed.
  static core::Result<FolderLock> take_to_read(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

struct Twin {
  Family family;
  rocksdb::ColumnFamilyHandle* handle;
};

/// Families of projections are on disk as `name@generation`; the row `generation` of meta says which are live.
class RocksDatabase {
 public:
  /// Errors: locked, corrupt, io_failed, no_space.
  static core::Result<std::unique_ptr<RocksDatabase>> open(const RocksOptions& options, DiskRoom& room);
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  [[nodiscard]] rocksdb::DB& database() const { return *database_; }
  [[nodiscard]] const FamilyHandles& live() const { return live_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* live(Family family) const {
    return live_[static_cast<std::size_t>(family)];
  }
  /// Where a shadow may put files that are on their way into a family; emptied at open.
  [[nodiscard]] std::string scratch_folder() const { return scratch_folder_of(options_.folder); }

  /// The one way into the write-ahead log: the batch says so if rows that no log holds came before it, whose
  /// numbers are missing there, and a synced one is anchored. `head`: the ledger's row of that name, if the batch holds
  /// it. Writing thread only.
  rocksdb::Status write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch,
                        std::optional<std::string_view> head = std::nullopt);

  /// New, empty families beside the live ones, for rows that no log holds. Errors: io_failed, no_space.
  core::Result<std::vector<Twin>> create_twins(std::span<const Family> families);
  /// Makes the twins live and writes `marks` into meta with one synced write, and drops what the twins replace. Errors:
  /// io_failed, no_space; nothing has changed then.
  core::Result<void> promote(std::span<const Twin> twins, std::span<const MetaRow> marks);
  void drop(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);

 private:
  RocksDatabase(RocksOptions options, FolderLock lock);
  /// A new ledger comes to be beside its place and goes there whole, in one step: an interrupted first start leaves
  /// nothing there. Errors: as open().
  static core::Result<FolderLock> make(const RocksOptions& options);
  /// Changes nothing before the logs are found good. `room`: of the disk; null: there is enough.
  core::Result<void> open_families(DiskRoom* room);
  void close();
  core::Result<std::vector<std::string>> families_on_disk() const;
  struct FoundOnDisk {
    CheckedLogs logs;
    std::optional<Anchor> anchor;
  };
  /// What is there, if it is whole; changes nothing. `names`: of all families. Errors: corrupt, io_failed, no_space.
  [[nodiscard]] core::Result<FoundOnDisk> check_before_open(const std::vector<std::string>& names) const;
  /// The ledger as it was found is anchored, and its row `anchored` is there. Errors: io_failed, no_space, corrupt.
  core::Result<void> begin_anchor(const FoundOnDisk& found);
  /// Asks options_.admit about the rows of `meta`. Errors: its own.
  core::Result<void> admit(rocksdb::ColumnFamilyHandle* meta) const;
  /// A family for each that is not `is_present`, empty; appended to `handles`.
  rocksdb::Status create_missing(const std::array<bool, kFamilyCount>& is_present,
                                 std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  [[nodiscard]] rocksdb::ColumnFamilyOptions options_of(Family family) const;
  /// Errors: corrupt (a live family is gone).
  core::Result<void> adopt(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  core::Result<void> read_generations(rocksdb::ColumnFamilyHandle* meta);

  const RocksOptions options_;
  FolderLock lock_;
  const ExpiryFilter filter_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  LedgerAnchor anchor_;
  std::unique_ptr<rocksdb::DB> database_;
  FamilyHandles live_{};
  rocksdb::ColumnFamilyHandle* unused_ = nullptr;
  /// The last row's number before rows that no log holds; until the next that is logged.
  std::optional<std::uint64_t> unlogged_since_;
  Generations generations_{};  ///< Of the live families.
};

}  // namespace tally::events
