#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/time.hpp"
#include "events/rocks/anchor_file.hpp"
#include "events/store/disk_room.hpp"
#include "events/store/store.hpp"

namespace tally::events {

struct RocksOptions {
  std::string folder;  ///< Created if missing.
  std::size_t block_cache_bytes = 64 << 20;
  std::size_t write_buffer_bytes = 16 << 20;  ///< Per family of the log; smaller ones get less.
  std::size_t cached_rows_max = 16'384;       ///< Rows in front of RocksDB, at most 1 KiB each.
  std::size_t tables_open_max = 512;          ///< Files of rows that are kept open.
  RoomLimits room = {};
  FreeBytes free_bytes = {};  ///< Empty: the folder's file system is asked.
  /// Told of a file that a compaction can not read, with RocksDB's words. On a thread of its own; must be quick.
  std::function<void(const std::string&)> on_damage = {};
  /// Each synced batch is anchored there, and the ledger is held against it before it is opened. Empty: neither.
  std::shared_ptr<AnchorFile> anchor = {};
  /// Whatever the anchor says, or whether it can be read: the ledger is what is there, and is anchored anew with the
  /// first batch that is synced: until then it is as it was for whoever opens it next.
  bool accepts_loss = false;
  std::function<core::Timestamp()> now = {};  ///< For dropping expired ephemeral rows in compactions.
  /// Asked about an existing ledger, of which it can read the family meta only, before any family is made or dropped.
  /// Its errors are open_rocks_store's.
  std::function<core::Result<void>(const Reader& meta)> admit = {};
  /// Asked about the number of events, before anything is changed or made; `where` the logs end, in words, or empty:
  /// there are none. Its errors are open_rocks_store's, and come before what the anchor says.
  std::function<core::Result<void>(std::uint64_t events, const std::string& where)> admit_size = {};
};

/// Opens or creates. Errors: locked (another process), corrupt, io_failed, no_space.
/// Damage before the tail of the write-ahead log refuses to open rather than open short; with an anchor, so does all
/// that was acknowledged and is not there, and nothing else does.
core::Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options);

}  // namespace tally::events
