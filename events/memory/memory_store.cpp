#include "events/memory/memory_store.hpp"

#include <array>
#include <map>
#include <mutex>
#include <vector>

#include "core/base/check.hpp"
#include "events/store/interruption.hpp"
#include "events/store/overlay_batch.hpp"

namespace tally::events {
namespace {

using Map = std::map<std::string, std::string, std::less<>>;
/// One moment's rows. A map that somebody else holds is never changed but copied first.
using Moment = std::array<std::shared_ptr<Map>, kFamilyCount>;

std::size_t index_of(Family family) { return static_cast<std::size_t>(family); }

/// Rows that a reader holds on to. Let go under the store's mutex, so that whoever then finds a map unheld may change
/// it.
template <class Held>
class Hold {
 public:
  Hold(Held held, std::mutex* mutex) : held_(std::move(held)), mutex_(mutex) {}
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    if (mutex_ == nullptr) return;
    const std::lock_guard lock{*mutex_};
    held_ = {};
  }
  const Held& operator*() const { return held_; }

 private:
  Held held_;
  std::mutex* mutex_;  ///< Null: one thread only.
};

class MapCursor final : public Cursor {
 public:
  MapCursor(std::shared_ptr<const Map> map, std::mutex* mutex, const ScanRange& range)
      : map_(std::move(map), mutex),
        backward_(range.direction == ScanRange::Direction::backward),
        first_((*map_)->lower_bound(range.from)),
        end_(range.until.empty() ? (*map_)->end() : (*map_)->lower_bound(range.until)) {
    if (!range.until.empty() && range.until < range.from) end_ = first_;
    at_ = backward_ ? end_ : first_;
    valid_ = first_ != end_;
    if (valid_ && backward_) --at_;
  }

  [[nodiscard]] bool valid() const override { return valid_; }
  [[nodiscard]] std::string_view key() const override { return at_->first; }
  [[nodiscard]] std::string_view value() const override { return at_->second; }
  void next() override {
    TALLY_CHECK(valid_);
    given_up_ = is_interrupted();
    if (given_up_) {
      valid_ = false;
    } else if (backward_) {
      valid_ = at_ != first_;
      if (valid_) --at_;
    } else {
      ++at_;
      valid_ = at_ != end_;
    }
  }
  [[nodiscard]] core::Result<void> status() const override {
    return given_up_ ? core::Result<void>{core::fail(core::Errc::stopping, "the reader gives up")}
                     : core::Result<void>{};
  }

 private:
  bool given_up_ = false;
  Hold<std::shared_ptr<const Map>> map_;
  const bool backward_;
  Map::const_iterator first_;
  Map::const_iterator end_;
  Map::const_iterator at_;
  bool valid_ = false;
};

class MemoryReader final : public Reader {
 public:
  MemoryReader(Moment moment, std::mutex& mutex) : moment_(std::move(moment), &mutex), mutex_(mutex) {}

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    const Map& map = *(*moment_)[index_of(family)];
    const auto found = map.find(key);
    if (found == map.end()) return std::optional<std::string>{};
    return std::optional<std::string>{found->second};
  }
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override {
    const std::lock_guard lock{mutex_};
    return std::make_unique<MapCursor>((*moment_)[index_of(family)], &mutex_, range);
  }

 private:
  Hold<Moment> moment_;
  std::mutex& mutex_;
};

class MemoryStore;

class MemoryShadow final : public Shadow {
 public:
  MemoryShadow(MemoryStore& store, std::span<const Family> families);

  Rows& rows() override { return rows_; }
  core::Result<void> flush() override { return {}; }
  core::Result<void> promote(std::span<const MetaRow> marks) override;

 private:
  class TwinRows final : public Rows {
   public:
    explicit TwinRows(const MemoryStore& live) : live_(live) {}
    core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
    std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override;
    void put(Family family, std::string_view key, std::string_view value) override;
    void erase(Family family, std::string_view key) override;

    Moment twins;  ///< Null where the live family is seen.

   private:
    Map& twin_for_writing(Family family);
    const MemoryStore& live_;
  };

  MemoryStore& store_;
  TwinRows rows_;
};

class MemoryStore final : public Store {
 public:
  MemoryStore() {
    for (auto& map : rows_) map = std::make_shared<Map>();
  }

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    const std::lock_guard lock{mutex_};
    const Map& map = *rows_[index_of(family)];
    const auto found = map.find(key);
    if (found == map.end()) return std::optional<std::string>{};
    return std::optional<std::string>{found->second};
  }

  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override {
    const std::lock_guard lock{mutex_};
    return std::make_unique<MapCursor>(rows_[index_of(family)], &mutex_, range);
  }

  [[nodiscard]] std::unique_ptr<Reader> snapshot() const override {
    const std::lock_guard lock{mutex_};
    return std::make_unique<MemoryReader>(rows_, mutex_);
  }

  [[nodiscard]] std::unique_ptr<Batch> new_batch() override { return std::make_unique<OverlayBatch>(*this); }

  core::Result<void> commit(Batch& batch, Durability) override {
    auto* own = dynamic_cast<OverlayBatch*>(&batch);
    TALLY_CHECK(own != nullptr);
    const std::lock_guard lock{mutex_};
    own->overlay().for_each([&](Family family, const RowOverlay::Row& row) {
      Map& map = map_for_writing(family);
      if (row.erased) {
        if (const auto found = map.find(row.key); found != map.end()) map.erase(found);
      } else {
        map.insert_or_assign(std::string{row.key}, std::string{row.value});
      }
    });
    own->clear();
    return {};
  }

  core::Result<std::unique_ptr<Shadow>> make_shadow(std::span<const Family> families) override {
    return std::unique_ptr<Shadow>{std::make_unique<MemoryShadow>(*this, families)};
  }

  [[nodiscard]] std::uint64_t bytes_on_disk() const override {
    const std::lock_guard lock{mutex_};
    std::uint64_t bytes = 0;
    for (const auto& map : rows_) {
      for (const auto& [key, value] : *map) bytes += key.size() + value.size();
    }
    return bytes;
  }

  void replace(const Moment& twins, std::span<const MetaRow> marks) {
    const std::lock_guard lock{mutex_};
    Map& meta = map_for_writing(Family::meta);
    for (const MetaRow& mark : marks) meta.insert_or_assign(mark.name, mark.value);
    for (std::size_t index = 0; index < kFamilyCount; ++index) {
      if (twins[index] != nullptr) rows_[index] = std::make_shared<Map>(*twins[index]);
    }
  }

 private:
  /// Under mutex_.
  Map& map_for_writing(Family family) {
    auto& map = rows_[index_of(family)];
    if (map.use_count() > 1) map = std::make_shared<Map>(*map);
    return *map;
  }

  mutable std::mutex mutex_;
  Moment rows_;  // guarded by mutex_
};

MemoryShadow::MemoryShadow(MemoryStore& store, std::span<const Family> families) : store_(store), rows_(store) {
  for (const Family family : families) {
    TALLY_CHECK(kind_of(family) == FamilyKind::projection);
    rows_.twins[index_of(family)] = std::make_shared<Map>();
  }
}

core::Result<void> MemoryShadow::promote(std::span<const MetaRow> marks) {
  store_.replace(rows_.twins, marks);
  return {};
}

core::Result<std::optional<std::string>> MemoryShadow::TwinRows::get(Family family, std::string_view key) const {
  const auto& twin = twins[index_of(family)];
  if (twin == nullptr) return live_.get(family, key);
  const auto found = twin->find(key);
  if (found == twin->end()) return std::optional<std::string>{};
  return std::optional<std::string>{found->second};
}

std::unique_ptr<Cursor> MemoryShadow::TwinRows::scan(Family family, const ScanRange& range) const {
  const auto& twin = twins[index_of(family)];
  if (twin == nullptr) return live_.scan(family, range);
  return std::make_unique<MapCursor>(twin, nullptr, range);
}

Map& MemoryShadow::TwinRows::twin_for_writing(Family family) {
  auto& twin = twins[index_of(family)];
  TALLY_CHECK(twin != nullptr);
  if (twin.use_count() > 1) twin = std::make_shared<Map>(*twin);
  return *twin;
}

void MemoryShadow::TwinRows::put(Family family, std::string_view key, std::string_view value) {
  twin_for_writing(family).insert_or_assign(std::string{key}, std::string{value});
}

void MemoryShadow::TwinRows::erase(Family family, std::string_view key) {
  Map& twin = twin_for_writing(family);
  if (const auto found = twin.find(key); found != twin.end()) twin.erase(found);
}

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace tally::events
