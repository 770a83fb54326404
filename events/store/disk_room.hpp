#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// Of the ledger's folder.
inline constexpr std::string_view kReserveFile = "reserve";

/// Bytes that are free on the disk of a ledger. Empty: it does not answer.
using FreeBytes = std::function<std::optional<std::uint64_t>()>;
/// Asks the file system of `folder`.
FreeBytes free_bytes_of(std::string folder);

struct RoomLimits {
  std::uint64_t floor = 64 << 20;  ///< Below it, only stops are written.
  std::uint64_t last = 4 << 20;    ///< Below it, nothing is.
  std::uint64_t reserve = 0;       ///< Set aside while there is room, for stops when there is none. 0: nothing.
};

/// Refuses writes before the disk does: a write that fails halfway can not be taken back. Keeps a file of blocks that
/// nobody else can have, and gives them back when stops need them: docs/adr/0041-stops-have-a-reserve.md. The disk is
/// asked at most once a second or every few mebibytes written. Threads: any.
class DiskRoom {
 public:
  /// `folder` is the ledger's.
  DiskRoom(const std::string& folder, const RoomLimits& limits, FreeBytes ask);

  [[nodiscard]] Room room();
  /// So many bytes are about to be written. Errors: no_space.
  core::Result<void> allow(std::uint64_t bytes);
  /// The ledger's files are about to be opened, which takes some room. True: there is little, and as little as possible
  /// should be written. Errors: no_space (not even so much).
  core::Result<bool> prepare_to_open();

 private:
  void look_if_due();  // under mutex_
  void look();         // under mutex_
  [[nodiscard]] core::Error full() const;
  void give_reserve_back();
  void set_reserve_aside();

  const RoomLimits limits_;
  const std::string reserve_path_;
  const FreeBytes ask_;
  std::mutex mutex_;
  std::uint64_t free_bytes_ = 0;                      // guarded by mutex_
  std::uint64_t unchecked_bytes_ = 0;                 // guarded by mutex_
  std::uint64_t reserved_bytes_ = 0;                  // guarded by mutex_: in the file now
  std::chrono::steady_clock::time_point checked_at_;  // guarded by mutex_
  Room room_ = Room::ample;                           // guarded by mutex_
};

}  // namespace tally::events
