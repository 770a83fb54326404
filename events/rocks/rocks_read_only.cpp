#include "events/rocks/rocks_read_only.hpp"

#include "core/base/check.hpp"

namespace tally::events {

core::Result<std::unique_ptr<ReadOnlyDatabase>> ReadOnlyDatabase::open(const RocksOptions& options,
                                                                       std::span<const Named> families,
                                                                       bool has_damaged_tail, rocksdb::Env* env) {
  // One cache for all of them; each would have one of its own.
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, unused_family_options()}};
  for (const Named& named : families) {
    descriptors.emplace_back(named.name, family_options(named.family, options, cache, nullptr));
  }
  rocksdb::DBOptions database_choices = database_options(options);
  database_choices.create_if_missing = false;
  if (env != nullptr) database_choices.env = env;
  if (has_damaged_tail) database_choices.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(database_choices, options.folder, descriptors, &handles, &database);
  if (!status.ok()) return error_of(status, "open");
  std::unique_ptr<ReadOnlyDatabase> opened{
      new ReadOnlyDatabase{std::unique_ptr<rocksdb::DB>{database}, std::move(handles)}};
  for (const Named& named : families) opened->read_from(named.family, named.name);
  return opened;
}

ReadOnlyDatabase::~ReadOnlyDatabase() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) database_->DestroyColumnFamilyHandle(handle);
}

bool ReadOnlyDatabase::read_from(Family family, const std::string& name) {
  rocksdb::ColumnFamilyHandle* found = nullptr;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle->GetName() == name) found = handle;
  }
  by_family_[static_cast<std::size_t>(family)] = found;
  return found != nullptr;
}

core::Result<std::optional<std::string>> ReadOnlyDatabase::get(Family family, std::string_view key) const {
  return rocks_get(*database_, handle_of(family), key, nullptr);
}

std::unique_ptr<Cursor> ReadOnlyDatabase::scan(Family family, const ScanRange& range) const {
  return rocks_scan(*database_, handle_of(family), range, nullptr);
}

rocksdb::ColumnFamilyHandle* ReadOnlyDatabase::handle_of(Family family) const {
  rocksdb::ColumnFamilyHandle* handle = by_family_[static_cast<std::size_t>(family)];
  TALLY_CHECK(handle != nullptr, std::string{name_of(family)});
  return handle;
}

}  // namespace tally::events
