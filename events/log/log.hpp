#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/log/merkle.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// The last ClockAccepted of a ledger.
struct ClockCorrection {
  core::Sequence accepted;
  bool is_completed = false;  ///< By its ClockAcceptanceCompleted.
  bool operator==(const ClockCorrection&) const = default;
};

/// Where the ledger ends: stored under `head` in meta, in the same batch as the events up to it. All of it is of the
/// log.
struct LedgerHead {
  CompactRange tree;  ///< tree.size() is the next sequence.
  core::Timestamp last_recorded_at;
  std::optional<ClockCorrection> correction = {};  ///< Empty: time has never gone back.
  std::uint32_t forks = 0;                         ///< The number of the last fork; 0: history has never forked.

  /// The event is the ledger's last; its leaf is appended to `tree` by whoever has its bytes.
  void note(const core::Event& event);
};

/// `reader` is of one moment: a batch that comes in between looks like damage. Errors: corrupt (unreadable, or the
/// log's last event is not the one before head). Absent: an empty ledger.
core::Result<LedgerHead> load_head(const Reader& reader);

/// One event as stored.
struct StoredEvent {
  core::Sequence sequence;
  std::string bytes;
};

/// Errors: corrupt (also: the stored event bears another sequence), unknown_event.
/// `bytes_read`, if there is one, grows by what the event takes in the log.
core::Result<std::optional<core::Event>> read_event(const Reader& reader, core::Sequence sequence,
                                                    std::size_t* bytes_read = nullptr);
core::Result<std::optional<std::string>> read_event_bytes(const Reader& reader, core::Sequence sequence);

/// Walks the log in order from a sequence on. A gap is corrupt.
class LogCursor {
 public:
  LogCursor(const Reader& reader, core::Sequence from, ScanRange::Purpose purpose = ScanRange::Purpose::replay);
  /// The next event's bytes, valid until the next call; empty at the end. Errors: corrupt, io_failed.
  core::Result<std::optional<core::ByteView>> next_bytes();
  /// The same, decoded. `leaf`, if there is one, becomes the hash of its bytes.
  core::Result<std::optional<core::Event>> next(core::Digest* leaf = nullptr);

 private:
  std::unique_ptr<Cursor> cursor_;
  std::uint64_t expected_;
  bool started_ = false;
};

}  // namespace tally::events
