#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "core/ledger/checkpoint.hpp"

namespace tally::events {
class Store;
}

/// What can be asked of the log. Every function reads one snapshot. Absent is an empty optional; Errors: corrupt,
/// io_failed; others are named. Threads: any.
namespace tally::projections {

struct AuditFilter {
  core::WorkspaceId workspace;
  std::optional<core::TokenId> token;
  std::optional<core::Uuid> actor;
  std::vector<core::EventType> types;    ///< Empty: all.
  std::optional<core::Timestamp> since;  ///< Inclusive.
  std::optional<core::Timestamp> until;  ///< Exclusive.
};
/// How long a page may be: it ends with the event that reaches one of the two.
struct AuditPageBounds {
  AuditPageBounds(int events_max, std::size_t bytes_max = core::limits::kPageBytes)  // NOLINT: a number of events
      : events(events_max), bytes(bytes_max) {}
  int events;
  std::size_t bytes;  ///< As the events are stored.
};
struct AuditPage {
  std::vector<core::Event> items;            ///< In order of sequence.
  std::optional<core::Sequence> next_after;  ///< Empty: the end.
};

/// The newest events first.
struct AuditBackPage {
  std::vector<core::Event> items;             ///< Against the order of sequence.
  std::optional<core::Sequence> next_before;  ///< Empty: the beginning.
};

/// How many events of each type were recorded in a span of time.
struct AuditSpan {
  core::Timestamp begin;
  core::Timestamp end;
  std::vector<std::pair<core::EventType, std::uint64_t>> counts;  ///< By type; only those that there are.
};
/// Spans of `length` from `begin` on, one after the other.
struct AuditSpansRequest {
  core::WorkspaceId workspace;
  core::Timestamp begin;
  std::chrono::microseconds length;
  int spans = 1;
};

/// Walks a workspace's events for an export, in constant memory, over one snapshot.
class AuditWalk {
 public:
  virtual ~AuditWalk() = default;
  /// The next event that passes the filter; empty at the end.
  virtual core::Result<std::optional<core::Event>> next() = 0;
  [[nodiscard]] virtual std::uint64_t filtered_out() const = 0;
};

class AuditQueries {
 public:
  explicit AuditQueries(const events::Store& store) : store_(store) {}
  /// Reads at most 20 rows per item asked for before it gives a shorter page with next_after: time is bounded.
  core::Result<AuditPage> list(const AuditFilter& filter, std::optional<core::Sequence> after,
                               AuditPageBounds bounds) const;
  /// As list(), backwards from the newest, or from the one before `before`.
  core::Result<AuditBackPage> list_newest(const AuditFilter& filter, std::optional<core::Sequence> before,
                                          AuditPageBounds bounds) const;
  /// Reads no event but the few that tell where a span begins; the types stand in an index. Errors: limit_exceeded
  /// (more than kCountedEventsMax events in the spans).
  core::Result<std::vector<AuditSpan>> count(const AuditSpansRequest& request) const;
  core::Result<std::unique_ptr<AuditWalk>> walk(const AuditFilter& filter, std::optional<core::Sequence> after) const;
  /// What the ledger holds in all, for readiness and reports.
  core::Result<std::uint64_t> size() const;
  /// The same with the root of the tree: of events that are durable, because nobody sees a batch before it is. Two row
  /// reads and a hash for each bit of the size.
  core::Result<core::TreeHead> tree_head() const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
