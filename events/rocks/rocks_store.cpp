#include "events/rocks/rocks_store.hpp"

#include <filesystem>

#include <rocksdb/write_batch.h>

#include "core/base/check.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_shadow.hpp"
#include "events/store/disk_room.hpp"
#include "events/store/overlay_batch.hpp"
#include "events/store/row_cache.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kCachedRowBytesMax = 1'024;

/// Others would only push out those that requests ask for again and again.
bool is_cached(Family family) { return facts_of(family).use.is_asked_often; }

class RocksStore final : public Store {
 public:
  RocksStore(const RocksOptions& options, std::unique_ptr<RocksDatabase> database, std::unique_ptr<DiskRoom> room)
      : folder_(options.folder),
        database_(std::move(database)),
        cache_(options.cached_rows_max, kCachedRowBytesMax),
        room_(std::move(room)) {}

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

  [[nodiscard]] Room room() const override { return room_->room(); }

  [[nodiscard]] std::uint64_t bytes_on_disk() const override {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{folder_, error}) {
      if (entry.path().filename() == kReserveFile) continue;
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
    TALLY_TRY(room_->allow(rows.bytes()));
    forgo_counters();
    const rocksdb::WriteOptions options = write_options(durability == Durability::synced);
    rocksdb::WriteBatch writes{rows.bytes(), 0, options.protection_bytes_per_key, 0};
    rocksdb::Status status;
    std::optional<std::string_view> head;
    rows.for_each([&](Family family, const RowOverlay::Row& row) {
      if (!status.ok()) return;
      if (family == Family::meta && row.key == kHeadRow && !row.erased) head = row.value;
      if (is_cached(family)) cache_.will_write(family, row.key);
      status = row.erased ? writes.Delete(database_->live(family), slice_of(row.key))
                          : writes.Put(database_->live(family), slice_of(row.key), slice_of(row.value));
    });
    if (status.ok()) status = database_->write(options, writes, head);
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
  const std::unique_ptr<DiskRoom> room_;
  bool has_failed_ = false;  // committing thread only
};

}  // namespace

core::Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options) {
  auto room = std::make_unique<DiskRoom>(options.folder, options.room,
                                         options.free_bytes ? options.free_bytes : free_bytes_of(options.folder));
  TALLY_TRY_ASSIGN(auto database, RocksDatabase::open(options, *room));
  return std::unique_ptr<Store>{std::make_unique<RocksStore>(options, std::move(database), std::move(room))};
}

}  // namespace tally::events
