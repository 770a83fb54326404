#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/store/family.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// Writes that are not in a store yet, for point reads at the price of a hash table and ordered reads at the price of a
/// sort. Rows of blind families are only collected. Owned by one batch or shadow. Threads: one at a time.
///
/// RocksDB's WriteBatchWithIndex does the same with a skip list, at about seven times the price:
/// docs/adr/0004-own-batch-overlay.md.
class RowOverlay {
 public:
  /// One row written. `erased` rows hide the store's.
  struct Row {
    std::string_view key;
    std::string_view value;
    bool erased = false;
  };

  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);

  /// Empty: nothing was written under that key. Valid until the next write. Not for blind families.
  [[nodiscard]] std::optional<Row> find(Family family, std::string_view key) const;
  /// All rows of a family; of an indexed one each key once. Valid until the next write.
  [[nodiscard]] std::vector<Row> rows_of(Family family) const;
  /// The same within a range, in the range's order.
  [[nodiscard]] std::vector<Row> rows_of(Family family, const ScanRange& range) const;
  /// Calls `visit(family, row)` for every row, blind ones in the order of writing.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t family = 0; family < kFamilyCount; ++family) {
      for (const Entry& entry : tables_[family].entries) visit(static_cast<Family>(family), row_of(entry));
    }
  }

  /// What is written from now on can be taken back by undo(), until the next mark() or clear().
  void mark();
  /// Takes back what was written since mark(). Memory comes back with clear().
  void undo();

  void clear();
  /// Forgets one family's rows. Their memory comes back with clear().
  void clear(Family family);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool empty(Family family) const { return tables_[static_cast<std::size_t>(family)].entries.empty(); }
  /// Memory held by rows and index, about.
  [[nodiscard]] std::size_t bytes() const { return arena_bytes_ + count_ * (sizeof(Entry) + 2 * sizeof(Slot)); }

 private:
  struct Entry {
    char* data;  ///< Key, then value.
    std::uint32_t key_size;
    std::uint32_t value_size;
    std::uint32_t value_capacity;
    bool erased;
  };
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t entry = 0;  ///< Index + 1; 0 is free.
  };
  struct Table {
    std::vector<Entry> entries;
    std::vector<Slot> slots;  ///< A power of two, at most half full.
    std::uint64_t mark = 0;   ///< The last one that was followed by a write here; 0: none.
    std::size_t marked = 0;   ///< How many entries there were then.
  };

  /// An entry as it stood at the mark.
  struct Replaced {
    Family family;
    std::uint32_t entry;
    Entry before;
  };

  static Row row_of(const Entry& entry) {
    return {{entry.data, entry.key_size}, {entry.data + entry.key_size, entry.value_size}, entry.erased};
  }
  void write(Family family, std::string_view key, std::string_view value, bool erased);
  void add_entry(Table& table, std::string_view key, std::string_view value, bool erased);
  void replace_value(Entry& entry, std::string_view value, bool erased);
  /// The entry's bytes stay as they are: its next value gets a place of its own.
  void keep_for_undo(Family family, std::uint32_t entry);
  /// To be called before each write: a mark itself then costs nothing.
  void note_mark(Table& table) const {
    if (table.mark == mark_) return;
    table.mark = mark_;
    table.marked = table.entries.size();
  }
  static void index(Table& table, std::size_t slots);
  static std::size_t slot_of(const Table& table, std::uint64_t hash, std::string_view key);
  char* allocate(std::size_t bytes);

  std::array<Table, kFamilyCount> tables_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t chunks_used_ = 0;
  std::size_t chunk_left_ = 0;
  char* chunk_next_ = nullptr;
  std::vector<std::unique_ptr<char[]>> large_;
  std::size_t arena_bytes_ = 0;
  std::size_t count_ = 0;
  std::uint64_t marks_ = 0;         ///< How many there were in this object's life.
  std::uint64_t mark_ = 0;          ///< The number of the one that counts; 0: none.
  std::vector<Replaced> replaced_;  ///< Since the mark, in the order of writing.
};

/// True if the key lies in the range.
bool contains(const ScanRange& range, std::string_view key);

/// Walks `base` with the overlay's rows on top, in the order of `range`. The rows are copied: later writes do not show.
std::unique_ptr<Cursor> merge_cursors(std::unique_ptr<Cursor> base, const RowOverlay& overlay, Family family,
                                      const ScanRange& range);

}  // namespace tally::events
