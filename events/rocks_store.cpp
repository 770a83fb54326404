#include "events/rocks_store.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <sys/statvfs.h>

#include <rocksdb/write_batch.h>

#include "core/check.hpp"
#include "events/overlay_batch.hpp"
#include "events/rocks_database.hpp"
#include "events/rocks_shadow.hpp"
#include "events/row_cache.hpp"

namespace tally::events {
namespace {

constexpr std::chrono::seconds kSpaceCheckInterval{1};
constexpr std::uint64_t kSpaceCheckBytes = 8 << 20;
constexpr std::size_t kCachedRowBytesMax = 1'024;

rocksdb::Slice slice_of(std::string_view text) { return {text.data(), text.size()}; }

/// True for rows that requests ask for again and again, by their whole keys and of no snapshot. Others would only push
/// those out; and a family that compactions drop rows from may not be here.
bool is_cached(Family family) {
  return family == Family::token || family == Family::owner_count || family == Family::person ||
         family == Family::workspace || family == Family::member || family == Family::resource_server ||
         family == Family::resource || family == Family::ending || family == Family::server_standing;
}

/// Refuses writes before the disk does: a write that fails halfway can not be taken back.
class SpaceGuard {
 public:
  explicit SpaceGuard(const RocksOptions& options) : folder_(options.folder), free_bytes_min_(options.free_bytes_min) {}

  /// Asks the file system at most once a second or every few mebibytes while there is space. Errors: no_space.
  core::Result<void> allow(std::uint64_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    unchecked_bytes_ += bytes;
    if (has_space_ && unchecked_bytes_ < kSpaceCheckBytes && now - checked_at_ < kSpaceCheckInterval) return {};
    struct statvfs space{};
    // A disk that does not answer is for the write itself to find out.
    if (::statvfs(folder_.c_str(), &space) != 0) return {};
    const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    has_space_ = free_bytes >= free_bytes_min_ && free_bytes - free_bytes_min_ >= bytes;
    checked_at_ = now;
    unchecked_bytes_ = 0;
    if (!has_space_) {
      return core::fail(core::Errc::no_space, folder_ + " has " + std::to_string(free_bytes) + " bytes left");
    }
    return {};
  }

 private:
  const std::string folder_;
  const std::uint64_t free_bytes_min_;
  bool has_space_ = false;
  std::chrono::steady_clock::time_point checked_at_;
  std::uint64_t unchecked_bytes_ = 0;
};

class RocksStore final : public Store {
 public:
  RocksStore(const RocksOptions& options, std::unique_ptr<RocksDatabase> database)
      : folder_(options.folder),
        database_(std::move(database)),
        cache_(options.cached_rows_max, kCachedRowBytesMax),
        space_(options) {}

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    if (!is_cached(family)) return get_stored(family, key);
    RowCache::Found found = cache_.find(family, key);
    if (found.is_known) return std::move(found.row);
    auto stored = get_stored(family, key);
    if (stored.has_value()) cache_.remember(family, key, *stored, found.ticket);
    return stored;
  }

  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override {
    return rocks_scan(database_->database(), database_->live(family), range, nullptr);
  }

  [[nodiscard]] std::unique_ptr<Reader> snapshot() const override {
    return std::make_unique<RocksSnapshot>(database_->database(), database_->live());
  }

  [[nodiscard]] std::unique_ptr<Batch> new_batch() override { return std::make_unique<OverlayBatch>(*this); }

  core::Result<void> commit(Batch& batch, Durability durability) override {
    auto* own = dynamic_cast<OverlayBatch*>(&batch);
    TALLY_CHECK(own != nullptr);
    auto outcome = write(own->overlay(), durability);
    own->clear();
    return outcome;
  }

  core::Result<std::unique_ptr<Shadow>> make_shadow(std::span<const Family> families) override {
    return make_rocks_shadow(*database_, *this, families, [this] { cache_.forget_all(); });
  }

  [[nodiscard]] std::uint64_t bytes_on_disk() const override {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{folder_, error}) {
      // Files come and go while RocksDB works.
      const auto size = entry.is_regular_file(error) ? entry.file_size(error) : 0;
      if (!error) bytes += size;
    }
    return bytes;
  }

 private:
  [[nodiscard]] core::Result<std::optional<std::string>> get_stored(Family family, std::string_view key) const {
    return rocks_get(database_->database(), database_->live(family), key, nullptr);
  }

  core::Result<void> write(const RowOverlay& rows, Durability durability) {
    if (has_failed_) return core::fail(core::Errc::outcome_unknown, "a write to the ledger has failed before");
    TALLY_TRY(space_.allow(rows.bytes()));
    forgo_counters();
    const rocksdb::WriteOptions options = write_options(durability == Durability::synced);
    rocksdb::WriteBatch writes{rows.bytes(), 0, options.protection_bytes_per_key, 0};
    rocksdb::Status status;
    rows.for_each([&](Family family, const RowOverlay::Row& row) {
      if (!status.ok()) return;
      if (is_cached(family)) cache_.will_write(family, row.key);
      status = row.erased ? writes.Delete(database_->live(family), slice_of(row.key))
                          : writes.Put(database_->live(family), slice_of(row.key), slice_of(row.value));
    });
    if (status.ok()) status = database_->write(options, writes);
    if (!status.ok()) {
      // After a failed sync nobody knows what is on the disk, and RocksDB does not go on either.
      has_failed_ = true;
      return core::fail(core::Errc::outcome_unknown, "the write to the ledger failed: " + status.ToString());
    }
    rows.for_each([&](Family family, const RowOverlay::Row& row) {
      if (is_cached(family)) cache_.wrote(family, row.key, row.value, row.erased);
    });
    return {};
  }

  const std::string folder_;
  const std::unique_ptr<RocksDatabase> database_;
  mutable RowCache cache_;
  SpaceGuard space_;         // committing thread only
  bool has_failed_ = false;  // committing thread only
};

}  // namespace

core::Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options) {
  TALLY_TRY_ASSIGN(auto database, RocksDatabase::open(options));
  return std::unique_ptr<Store>{std::make_unique<RocksStore>(options, std::move(database))};
}

}  // namespace tally::events
