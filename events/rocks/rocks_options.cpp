#include "events/rocks/rocks_options.hpp"

#include <cerrno>
#include <system_error>

#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"

namespace tally::events {
namespace {

constexpr std::uint64_t kMebibyte = 1 << 20;
constexpr int kBloomBitsPerKey = 10;
constexpr std::uint64_t kExpiryCompactionSeconds = 24 * 60 * 60;
constexpr std::size_t kHashedKeyBytesMax = 64;
constexpr std::size_t kBytesPerBucket = 256;  ///< A full memtable has about one row for each.

/// A hash table finds a row's place where the usual skip list compares its way there, a cache miss a step; whoever
/// walks in order pays with a sorted copy: docs/adr/0009-rows-found-by-hash.md.
void hash_in_memory(rocksdb::ColumnFamilyOptions& options) {
  options.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(kHashedKeyBytesMax));
  options.memtable_factory.reset(rocksdb::NewHashSkipListRepFactory(options.write_buffer_size / kBytesPerBucket + 1));
}

std::size_t write_buffer_bytes(FamilyVolume volume, const RocksOptions& options) {
  switch (volume) {
    case FamilyVolume::most:
      return options.write_buffer_bytes;
    case FamilyVolume::much:
      return options.write_buffer_bytes / 2;
    case FamilyVolume::little:
      return options.write_buffer_bytes / 8;
  }
  core::check_failed("a known volume", __FILE__, __LINE__, "");
}

/// A file that could not be opened for want of a descriptor: nothing was read or written, and the next try may do.
/// RocksDB keeps of errno no more than its text.
bool lacks_descriptor(const rocksdb::Status& status) {
  if (!status.IsIOError()) return false;
  const std::string words = status.ToString();
  return words.ends_with(std::generic_category().message(EMFILE)) ||
         words.ends_with(std::generic_category().message(ENFILE));
}

}  // namespace

bool ExpiryFilter::Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*, bool*) const {
  const auto expiry = read_be64({value.data(), value.size()});
  return expiry && static_cast<std::int64_t>(*expiry) < core::micros_of(now_());
}

rocksdb::DBOptions database_options(const RocksOptions& given) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  // Refuses a flipped bit before the tail, accepts a torn tail: docs/adr/0003-wal-recovery-without-anchors.md. Of every
  // file, not only of the newest: so the logs are checked first,
  // docs/adr/0036-logs-are-checked-before-they-are-opened.md.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A log that is not the newest and is missing, emptied or cut is found by its size, the oldest too.
  options.track_and_verify_wals_in_manifest = true;
  options.max_total_wal_size = 256 * kMebibyte;
  options.bytes_per_sync = kMebibyte;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // One writer: nothing to insert at the same time.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.max_background_jobs = 2;
  options.db_write_buffer_size = 96 * kMebibyte;
  options.max_open_files = static_cast<int>(given.tables_open_max);
  // For each family anew at every opening: sixteen, as RocksDB would have it, take longer to begin than to open.
  options.max_file_opening_threads = 2;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 4;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const RocksOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache, const ExpiryFilter* filter) {
  const FamilyFacts& facts = facts_of(family);
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Indexes and filters live in the bounded cache: memory does not grow with the ledger.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.format_version = 5;
  table.block_size = family == Family::log ? 32 << 10 : 8 << 10;
  if (facts.use.is_sought) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));

  rocksdb::ColumnFamilyOptions family_options;
  family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Hashes do not get any smaller.
  family_options.compression = facts.kind == FamilyKind::derived ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  if (family == Family::log) family_options.bottommost_compression = rocksdb::kZSTD;
  family_options.write_buffer_size = write_buffer_bytes(facts.volume, options);
  if (facts.use.is_scattered) hash_in_memory(family_options);
  family_options.level_compaction_dynamic_level_bytes = true;
  family_options.paranoid_file_checks = true;
  family_options.force_consistency_checks = true;
  family_options.memtable_protection_bytes_per_key = 8;
  if (facts.kind == FamilyKind::ephemeral && filter != nullptr) {
    family_options.compaction_filter = filter;
    family_options.periodic_compaction_seconds = kExpiryCompactionSeconds;
  }
  return family_options;
}

rocksdb::ColumnFamilyOptions unused_family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 << 10;
  return options;
}

rocksdb::WriteOptions write_options(bool synced) {
  rocksdb::WriteOptions options;
  options.sync = synced;
  options.protection_bytes_per_key = 8;
  return options;
}

void forgo_counters() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

core::Error error_of(const rocksdb::Status& status, std::string_view what) {
  TALLY_CHECK(!status.ok());
  core::Errc code = core::Errc::io_failed;
  if (status.IsCorruption()) code = core::Errc::corrupt;
  if (status.IsNoSpace()) code = core::Errc::no_space;
  if (lacks_descriptor(status)) code = core::Errc::overloaded;
  return core::fail(code, std::string{what} + ": " + status.ToString());
}

}  // namespace tally::events
