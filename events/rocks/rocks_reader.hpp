#pragma once

#include <array>
#include <memory>
#include <string_view>

#include <rocksdb/db.h>

#include "events/store/store.hpp"

/// Reading of RocksDB's families. Part of the adapter: included by events/rocks_* only.
namespace tally::events {

using FamilyHandles = std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount>;

inline rocksdb::Slice slice_of(std::string_view text) { return {text.data(), text.size()}; }

/// `snapshot` null: the newest rows.
core::Result<std::optional<std::string>> rocks_get(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family,
                                                   std::string_view key, const rocksdb::Snapshot* snapshot);
std::unique_ptr<Cursor> rocks_scan(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const ScanRange& range,
                                   const rocksdb::Snapshot* snapshot);

/// A snapshot: all rows at one moment. The handles are looked up at each call.
class RocksSnapshot final : public Reader {
 public:
  RocksSnapshot(rocksdb::DB& database, const FamilyHandles& families);
  ~RocksSnapshot() override;
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override;

 private:
  rocksdb::DB& database_;
  const FamilyHandles& families_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace tally::events
