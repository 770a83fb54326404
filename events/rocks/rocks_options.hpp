#pragma once

#include <memory>
#include <string_view>

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include "core/base/result.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/family.hpp"

/// The settings of RocksDB 7.8.3, each with its reason. Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// Drops ephemeral rows whose expiry is past. Readers check the expiry themselves: this only frees the space.
class ExpiryFilter final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiryFilter(std::function<core::Timestamp()> now) : now_(std::move(now)) {}
  bool Filter(int level, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string* new_value,
              bool* value_changed) const override;
  [[nodiscard]] const char* Name() const override { return "tally.expiry"; }

 private:
  std::function<core::Timestamp()> now_;
};

rocksdb::DBOptions database_options(const RocksOptions& given);
/// Lifetime: the filter outlives the family.
rocksdb::ColumnFamilyOptions family_options(Family family, const RocksOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache, const ExpiryFilter* filter);
/// Of the family `default`, which RocksDB wants and nobody uses.
rocksdb::ColumnFamilyOptions unused_family_options();
rocksdb::WriteOptions write_options(bool synced);

/// RocksDB counts every comparison of keys in a thread-local unless told not to; nobody here reads it.
void forgo_counters();

/// corrupt, no_space or io_failed, with RocksDB's own words.
core::Error error_of(const rocksdb::Status& status, std::string_view what);

}  // namespace tally::events
