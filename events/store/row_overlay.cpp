#include "events/store/row_overlay.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/check.hpp"
#include "events/store/key_hash.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kChunksKept = 8;
constexpr std::size_t kSlotsMin = 64;
constexpr std::size_t kSlotsKept = 1 << 14;

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

void RowOverlay::put(Family family, std::string_view key, std::string_view value) { write(family, key, value, false); }

void RowOverlay::erase(Family family, std::string_view key) { write(family, key, {}, true); }

void RowOverlay::write(Family family, std::string_view key, std::string_view value, bool erased) {
  Table& table = tables_[static_cast<std::size_t>(family)];
  note_mark(table);
  if (is_blind(family)) {
    add_entry(table, key, value, erased);
    return;
  }
  if ((table.entries.size() + 1) * 2 > table.slots.size()) index(table, std::max(kSlotsMin, table.slots.size() * 2));
  const std::uint64_t hash = hash_of(key);
  Slot& slot = table.slots[slot_of(table, hash, key)];
  if (slot.entry != 0) {
    keep_for_undo(family, slot.entry - 1);
    replace_value(table.entries[slot.entry - 1], value, erased);
    return;
  }
  add_entry(table, key, value, erased);
  slot = {tag_of(hash), static_cast<std::uint32_t>(table.entries.size())};
}

void RowOverlay::add_entry(Table& table, std::string_view key, std::string_view value, bool erased) {
  char* data = allocate(key.size() + value.size());
  std::memcpy(data, key.data(), key.size());
  if (!value.empty()) std::memcpy(data + key.size(), value.data(), value.size());
  table.entries.push_back({data, static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size()),
                           static_cast<std::uint32_t>(value.size()), erased});
  ++count_;
}

void RowOverlay::replace_value(Entry& entry, std::string_view value, bool erased) {
  if (value.size() > entry.value_capacity) {
    char* data = allocate(entry.key_size + value.size());
    std::memcpy(data, entry.data, entry.key_size);
    entry.data = data;
    entry.value_capacity = static_cast<std::uint32_t>(value.size());
  }
  // The new value may be a view of the old one.
  if (!value.empty()) std::memmove(entry.data + entry.key_size, value.data(), value.size());
  entry.value_size = static_cast<std::uint32_t>(value.size());
  entry.erased = erased;
}

void RowOverlay::keep_for_undo(Family family, std::uint32_t entry) {
  Table& table = tables_[static_cast<std::size_t>(family)];
  if (mark_ == 0 || entry >= table.marked) return;
  Entry& kept = table.entries[entry];
  replaced_.push_back({family, entry, kept});
  kept.value_capacity = 0;
}

void RowOverlay::mark() {
  mark_ = ++marks_;
  replaced_.clear();
}

void RowOverlay::undo() {
  TALLY_CHECK(mark_ != 0);
  for (; !replaced_.empty(); replaced_.pop_back()) {
    const Replaced& last = replaced_.back();
    tables_[static_cast<std::size_t>(last.family)].entries[last.entry] = last.before;
  }
  count_ = 0;
  for (std::size_t family = 0; family < kFamilyCount; ++family) {
    Table& table = tables_[family];
    if (table.mark == mark_ && table.entries.size() > table.marked) {
      table.entries.resize(table.marked);
      if (!is_blind(static_cast<Family>(family))) index(table, table.slots.size());
    }
    count_ += table.entries.size();
  }
}

void RowOverlay::index(Table& table, std::size_t count) {
  std::vector<Slot> slots(count);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t index = 0; index < table.entries.size(); ++index) {
    const std::uint64_t hash = hash_of(row_of(table.entries[index]).key);
    std::size_t place = hash & mask;
    while (slots[place].entry != 0) place = (place + 1) & mask;
    slots[place] = {tag_of(hash), static_cast<std::uint32_t>(index + 1)};
  }
  table.slots = std::move(slots);
}

std::size_t RowOverlay::slot_of(const Table& table, std::uint64_t hash, std::string_view key) {
  const std::size_t mask = table.slots.size() - 1;
  std::size_t place = hash & mask;
  while (true) {
    const Slot& slot = table.slots[place];
    if (slot.entry == 0) return place;
    if (slot.tag == tag_of(hash) && row_of(table.entries[slot.entry - 1]).key == key) return place;
    place = (place + 1) & mask;
  }
}

std::optional<RowOverlay::Row> RowOverlay::find(Family family, std::string_view key) const {
  const Table& table = tables_[static_cast<std::size_t>(family)];
  if (table.slots.empty()) return std::nullopt;
  const Slot& slot = table.slots[slot_of(table, hash_of(key), key)];
  if (slot.entry == 0) return std::nullopt;
  return row_of(table.entries[slot.entry - 1]);
}

std::vector<RowOverlay::Row> RowOverlay::rows_of(Family family) const {
  const Table& table = tables_[static_cast<std::size_t>(family)];
  std::vector<Row> rows;
  rows.reserve(table.entries.size());
  for (const Entry& entry : table.entries) rows.push_back(row_of(entry));
  return rows;
}

std::vector<RowOverlay::Row> RowOverlay::rows_of(Family family, const ScanRange& range) const {
  std::vector<Row> rows;
  for (const Entry& entry : tables_[static_cast<std::size_t>(family)].entries) {
    const Row row = row_of(entry);
    if (contains(range, row.key)) rows.push_back(row);
  }
  const bool backward = range.direction == ScanRange::Direction::backward;
  std::sort(rows.begin(), rows.end(),
            [&](const Row& left, const Row& right) { return backward ? right.key < left.key : left.key < right.key; });
  return rows;
}

void RowOverlay::clear() {
  for (std::size_t family = 0; family < kFamilyCount; ++family) clear(static_cast<Family>(family));
  TALLY_CHECK(count_ == 0);
  mark_ = 0;
  replaced_.clear();
  if (chunks_.size() > kChunksKept) chunks_.resize(kChunksKept);
  chunks_used_ = 0;
  chunk_left_ = 0;
  chunk_next_ = nullptr;
  large_.clear();
  arena_bytes_ = 0;
}

void RowOverlay::clear(Family family) {
  Table& table = tables_[static_cast<std::size_t>(family)];
  if (table.entries.empty()) return;
  count_ -= table.entries.size();
  if (table.entries.capacity() > kSlotsKept) {
    table = {};
    return;
  }
  table.entries.clear();
  std::fill(table.slots.begin(), table.slots.end(), Slot{});
}

char* RowOverlay::allocate(std::size_t bytes) {
  arena_bytes_ += bytes;
  if (bytes > kChunkBytes / 4) {
    large_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    return large_.back().get();
  }
  if (bytes > chunk_left_) {
    if (chunks_used_ == chunks_.size()) chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
    chunk_next_ = chunks_[chunks_used_++].get();
    chunk_left_ = kChunkBytes;
  }
  char* place = chunk_next_;
  chunk_next_ += bytes;
  chunk_left_ -= bytes;
  return place;
}

bool contains(const ScanRange& range, std::string_view key) {
  return key >= range.from && (range.until.empty() || key < range.until);
}

ScanRange prefix_range(std::string_view prefix) {
  ScanRange range;
  range.from = prefix;
  range.until = prefix;
  // The first key after all that begin with the prefix: the last byte that can be raised, raised.
  while (!range.until.empty() && static_cast<std::uint8_t>(range.until.back()) == 0xff) range.until.pop_back();
  if (!range.until.empty()) range.until.back() = static_cast<char>(static_cast<std::uint8_t>(range.until.back()) + 1);
  return range;
}

namespace {

class MergeCursor final : public Cursor {
 public:
  MergeCursor(std::unique_ptr<Cursor> base, const RowOverlay& overlay, Family family, const ScanRange& range)
      : base_(std::move(base)), backward_(range.direction == ScanRange::Direction::backward) {
    for (const RowOverlay::Row& row : overlay.rows_of(family, range)) {
      rows_.push_back({std::string{row.key}, std::string{row.value}, row.erased});
    }
    settle();
  }

  [[nodiscard]] bool valid() const override { return on_overlay_ || base_->valid(); }
  [[nodiscard]] std::string_view key() const override { return on_overlay_ ? rows_[at_].key : base_->key(); }
  [[nodiscard]] std::string_view value() const override { return on_overlay_ ? rows_[at_].value : base_->value(); }
  void next() override {
    if (on_overlay_) {
      ++at_;
    } else {
      base_->next();
    }
    settle();
  }
  [[nodiscard]] core::Result<void> status() const override { return base_->status(); }

 private:
  struct CopiedRow {
    std::string key;
    std::string value;
    bool erased;
  };

  // Stands on the next row that is to be seen: the base's rows under an overlay's are passed over, erased ones too.
  void settle() {
    while (at_ < rows_.size()) {
      const CopiedRow& row = rows_[at_];
      const int order = base_->valid() ? compare(row.key, base_->key()) : -1;
      if (order > 0) break;
      if (order == 0) base_->next();
      if (!row.erased) {
        on_overlay_ = true;
        return;
      }
      ++at_;
    }
    on_overlay_ = false;
  }

  [[nodiscard]] int compare(std::string_view left, std::string_view right) const {
    return backward_ ? right.compare(left) : left.compare(right);
  }

  std::unique_ptr<Cursor> base_;
  const bool backward_;
  std::vector<CopiedRow> rows_;
  std::size_t at_ = 0;
  bool on_overlay_ = false;
};

}  // namespace

std::unique_ptr<Cursor> merge_cursors(std::unique_ptr<Cursor> base, const RowOverlay& overlay, Family family,
                                      const ScanRange& range) {
  if (overlay.empty(family)) return base;
  return std::make_unique<MergeCursor>(std::move(base), overlay, family, range);
}

}  // namespace tally::events
