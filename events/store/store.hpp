#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/store/family.hpp"

namespace tally::events {

/// Which rows a scan visits, and how.
struct ScanRange {
  std::string from;   ///< Inclusive. Empty: from the first.
  std::string until;  ///< Exclusive. Empty: to the last.
  enum class Direction : std::uint8_t { forward, backward } direction = Direction::forward;
  enum class Purpose : std::uint8_t {
    page,
    replay
  } purpose = Purpose::page;  ///< replay: read ahead, leave the cache alone.
};
/// The range of all keys that begin with `prefix`.
ScanRange prefix_range(std::string_view prefix);

/// Walks rows in the order of their keys. Threads: one at a time. Lifetime: not longer than its reader.
class Cursor {
 public:
  virtual ~Cursor() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  /// Valid until next() or the cursor's end.
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  virtual void next() = 0;
  /// Ask when valid() turns false: an end and a failure are different. Errors: corrupt, io_failed, overloaded (no
  /// descriptor is free), stopping (interruption.hpp).
  [[nodiscard]] virtual core::Result<void> status() const = 0;
};

/// Reads rows. Absent, damaged and failed are three answers: an empty optional, corrupt, io_failed. Besides,
/// what may be well in a moment: overloaded (no descriptor is free).
class Reader {
 public:
  virtual ~Reader() = default;
  virtual core::Result<std::optional<std::string>> get(Family family, std::string_view key) const = 0;
  virtual std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const = 0;
};

/// Reads and writes rows.
class Rows : public Reader {
 public:
  virtual void put(Family family, std::string_view key, std::string_view value) = 0;
  virtual void erase(Family family, std::string_view key) = 0;
};

/// Writes that are committed together or not at all; reads see the store with the batch's own writes on top, but for
/// the families log, log_by_* and tile, which are written blindly. Threads: one at a time.
class Batch : public Rows {
 public:
  [[nodiscard]] virtual bool empty() const = 0;
  [[nodiscard]] virtual std::size_t bytes() const = 0;
  /// What is written from now on can be taken back, until the next mark or commit.
  virtual void mark() = 0;
  /// Takes back what was written since the mark. Only after mark() (checked).
  virtual void undo() = 0;
};

/// A row of the family meta.
struct MetaRow {
  std::string name;
  std::string value;
};

/// Fresh, empty twins of some families beside the live ones. Dropped with its destruction unless promoted. Threads: one
/// at a time.
class Shadow {
 public:
  virtual ~Shadow() = default;
  /// Reads and writes the twins; reads of other families see the live ones. Writes may be kept in memory up to a bound.
  virtual Rows& rows() = 0;
  /// Everything written so far is in the twins, and can be scanned. Errors: io_failed, no_space.
  virtual core::Result<void> flush() = 0;
  /// Flushes, makes the twins the live families and writes `marks`, in one durable step; the old ones are dropped. No
  /// reader of the store may be in use. Errors: io_failed, no_space; the live families are then unchanged.
  virtual core::Result<void> promote(std::span<const MetaRow> marks) = 0;
};

enum class Durability : std::uint8_t {
  synced,    ///< Survives a power cut once commit() has returned.
  buffered,  ///< For what can be lost: usage counts.
};

/// How much more the disk takes.
enum class Room : std::uint8_t {
  ample,
  stops_only,  ///< Little is left, and is kept for what stops something (core::is_stop).
  none,        ///< Every commit is refused.
};

/// The one interface to storage. Two implementations: RocksDB (rocks_store.hpp) and memory (memory_store.hpp); both
/// keep the contract of tests/events/store_contract_test.cpp. Threads: snapshot() and get() from any; new_batch() and
/// commit() from one at a time.
class Store : public Reader {
 public:
  /// A snapshot: all rows at one moment. Lifetime: ends before the store.
  [[nodiscard]] virtual std::unique_ptr<Reader> snapshot() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Batch> new_batch() = 0;
  /// Errors: outcome_unknown (the write failed: it may or may not be there; every later commit fails too), no_space
  /// (refused before anything was written; may succeed later). The batch is empty afterwards and can be used again.
  virtual core::Result<void> commit(Batch& batch, Durability durability) = 0;
  virtual core::Result<std::unique_ptr<Shadow>> make_shadow(std::span<const Family> families) = 0;
  /// As of a second ago. Threads: any.
  [[nodiscard]] virtual Room room() const { return Room::ample; }
  /// Bytes on disk, about.
  [[nodiscard]] virtual std::uint64_t bytes_on_disk() const = 0;
};

}  // namespace tally::events
