#include "events/rocks/rocks_reader.hpp"

#include "core/base/check.hpp"
#include "events/rocks/rocks_options.hpp"
#include "events/store/interruption.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kReplayReadaheadBytes = 2 << 20;

core::Error given_up() { return core::fail(core::Errc::stopping, "the server is stopping"); }

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class RocksCursor final : public Cursor {
 public:
  RocksCursor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const ScanRange& range,
              const rocksdb::Snapshot* snapshot)
      : from_(range.from),
        until_(range.until),
        lower_(from_),
        upper_(until_),
        backward_(range.direction == ScanRange::Direction::backward) {
    if (!until_.empty() && until_ <= from_) return;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    // A scan is in order whatever the family's memtables are.
    options.total_order_seek = true;
    if (!from_.empty()) options.iterate_lower_bound = &lower_;
    if (!until_.empty()) options.iterate_upper_bound = &upper_;
    if (range.purpose == ScanRange::Purpose::replay) {
      options.readahead_size = kReplayReadaheadBytes;
      options.fill_cache = false;
    }
    iterator_.reset(database.NewIterator(options, family));
    if (backward_) {
      iterator_->SeekToLast();
    } else {
      iterator_->SeekToFirst();
    }
  }

  [[nodiscard]] bool valid() const override { return !given_up_ && iterator_ != nullptr && iterator_->Valid(); }
  [[nodiscard]] std::string_view key() const override { return view_of(iterator_->key()); }
  [[nodiscard]] std::string_view value() const override { return view_of(iterator_->value()); }
  void next() override {
    TALLY_CHECK(valid());
    given_up_ = is_interrupted();
    if (given_up_) return;
    if (backward_) {
      iterator_->Prev();
    } else {
      iterator_->Next();
    }
  }
  [[nodiscard]] core::Result<void> status() const override {
    if (given_up_) return given_up();
    if (iterator_ == nullptr || iterator_->status().ok()) return {};
    return error_of(iterator_->status(), "scan");
  }

 private:
  const std::string from_;
  const std::string until_;
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  const bool backward_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  bool given_up_ = false;
};

}  // namespace

core::Result<std::optional<std::string>> rocks_get(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family,
                                                   std::string_view key, const rocksdb::Snapshot* snapshot) {
  forgo_counters();
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = database.Get(options, family, slice_of(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) return error_of(status, "get");
  return std::optional<std::string>{std::move(value)};
}

std::unique_ptr<Cursor> rocks_scan(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const ScanRange& range,
                                   const rocksdb::Snapshot* snapshot) {
  return std::make_unique<RocksCursor>(database, family, range, snapshot);
}

RocksSnapshot::RocksSnapshot(rocksdb::DB& database, const FamilyHandles& families)
    : database_(database), families_(families), snapshot_(database.GetSnapshot()) {}

RocksSnapshot::~RocksSnapshot() { database_.ReleaseSnapshot(snapshot_); }

core::Result<std::optional<std::string>> RocksSnapshot::get(Family family, std::string_view key) const {
  return rocks_get(database_, families_[static_cast<std::size_t>(family)], key, snapshot_);
}

std::unique_ptr<Cursor> RocksSnapshot::scan(Family family, const ScanRange& range) const {
  return rocks_scan(database_, families_[static_cast<std::size_t>(family)], range, snapshot_);
}

}  // namespace tally::events
