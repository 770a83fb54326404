#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>

#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_options.hpp"
#include "events/rocks/rocks_reader.hpp"
#include "events/store/store.hpp"

/// Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// A database that is read and never written, with some of its families.
class ReadOnlyDatabase final : public Reader {
 public:
  struct Named {
    std::string name;  ///< On the disk.
    Family family;
  };
  /// Of several names of one family the last is read. `has_damaged_tail`: as in CheckedLogs; what lies behind is not
  /// read then. `env`: through which the files are read, and outlives it; null: the usual. Errors: corrupt, io_failed.
  static core::Result<std::unique_ptr<ReadOnlyDatabase>> open(const RocksOptions& options,
                                                              std::span<const Named> families, bool has_damaged_tail,
                                                              rocksdb::Env* env = nullptr);
  ~ReadOnlyDatabase() override;
  ReadOnlyDatabase(const ReadOnlyDatabase&) = delete;
  ReadOnlyDatabase& operator=(const ReadOnlyDatabase&) = delete;

  /// For as long as this is read.
  void hold(FolderLock lock) { lock_.emplace(std::move(lock)); }

  /// False: it was not opened.
  [[nodiscard]] bool has(Family family) const { return by_family_[static_cast<std::size_t>(family)] != nullptr; }
  /// From now on `family` is what has `name` on the disk; false: that was not opened, and the family is not there.
  bool read_from(Family family, const std::string& name);

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override;
  [[nodiscard]] rocksdb::DB& database() const { return *database_; }

 private:
  explicit ReadOnlyDatabase(std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> handles)
      : database_(std::move(database)), handles_(std::move(handles)) {}
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle_of(Family family) const;

  std::optional<FolderLock> lock_;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  FamilyHandles by_family_{};
};

}  // namespace tally::events
