#include "projections/queries/audit_queries.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/limits.hpp"
#include "events/log/log.hpp"
#include "events/log/log_time.hpp"
#include "projections/queries/indexed_event.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Event;
using core::Result;
using core::Sequence;
using core::Timestamp;
using events::Family;
using events::Reader;

namespace {

constexpr std::size_t kRowsReadPerItem = 20;

/// Which sequences can pass at all: from `from` on, before `until`.
struct SequenceRange {
  std::uint64_t from = 0;
  std::uint64_t until = 0;
};

Result<SequenceRange> range_of(const Reader& reader, const AuditFilter& filter, std::optional<Sequence> after) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(reader));
  SequenceRange range{0, head.tree.size()};
  if (filter.since) {
    TALLY_TRY_ASSIGN(range.from, events::events_before(reader, head, *filter.since));
  }
  if (filter.until) {
    TALLY_TRY_ASSIGN(range.until, events::events_before(reader, head, *filter.until));
  }
  if (after) {
    if (after->value == UINT64_MAX) return SequenceRange{};
    range.from = std::max(range.from, after->value + 1);
  }
  range.until = std::max(range.until, range.from);
  return range;
}

/// One of the log's indexes: rows of prefix and sequence.
struct Index {
  Family family;
  std::string prefix;
};

/// The one with the fewest rows that holds everything that can pass.
Index narrowest_index(const AuditFilter& filter) {
  if (filter.token) return {Family::log_by_token, key_of(*filter.token).str()};
  // What the workspace's own client did, its refreshes, is most of the workspace and in no index of its own.
  if (filter.actor && *filter.actor != filter.workspace.uuid())
    return {Family::log_by_actor, key_of(filter.workspace, *filter.actor).str()};
  return {Family::log_by_workspace, key_of(filter.workspace).str()};
}

using events::ScanRange;

ScanRange scan_range(const Index& index, const SequenceRange& range, ScanRange::Purpose purpose,
                     ScanRange::Direction direction = ScanRange::Direction::forward) {
  ScanRange scan;
  scan.direction = direction;
  scan.from = index.prefix + key_of(Sequence{range.from}).str();
  scan.until = index.prefix + key_of(Sequence{range.until}).str();
  scan.purpose = purpose;
  return scan;
}

bool has_type(const AuditFilter& filter, core::EventType type) {
  return filter.types.empty() || std::find(filter.types.begin(), filter.types.end(), type) != filter.types.end();
}

bool passes(const AuditFilter& filter, const Event& event) {
  if (event.workspace != filter.workspace || !has_type(filter, core::type_of(event.payload))) return false;
  if (filter.token && event.subject != core::subject_of(*filter.token)) return false;
  return !filter.actor || event.actor.id == *filter.actor;
}

/// Reads the events that an index names.
class IndexReader {
 public:
  IndexReader(const Reader& reader, const AuditFilter& filter, const Index& index, const SequenceRange& range,
              ScanRange::Purpose purpose, ScanRange::Direction direction = ScanRange::Direction::forward)
      : reader_(reader),
        filter_(filter),
        has_types_(index.family == Family::log_by_workspace),
        key_bytes_(index.prefix.size() + sizeof(std::uint64_t)),
        cursor_(reader.scan(index.family, scan_range(index, range, purpose, direction))) {}

  [[nodiscard]] bool valid() const { return cursor_->valid(); }
  [[nodiscard]] Result<void> status() const { return cursor_->status(); }
  void next() { cursor_->next(); }

  Result<Sequence> sequence() const {
    if (cursor_->key().size() != key_bytes_) return corrupt_row("an index of the log");
    return Sequence{load_big_endian<std::uint64_t>(cursor_->key().data() + key_bytes_ - sizeof(std::uint64_t))};
  }

  /// The event of this row if it passes. A type that is not asked for is known from the index, without the event.
  Result<std::optional<Event>> event_if_passing(Sequence sequence) {
    if (has_types_) {
      TALLY_TRY_ASSIGN(const core::EventType event_type, type());
      if (!has_type(filter_, event_type)) return std::optional<Event>{};
    }
    TALLY_TRY_ASSIGN(Event event, indexed_event(reader_, sequence, &bytes_read_));
    if (!passes(filter_, event)) return std::optional<Event>{};
    return std::optional{std::move(event)};
  }

  /// Of the events that were read, whether they passed or not.
  [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }

  /// Of a row of log_by_workspace.
  Result<core::EventType> type() const {
    if (cursor_->value().size() != 2) return corrupt_row("log_by_workspace");
    return static_cast<core::EventType>(load_big_endian<std::uint16_t>(cursor_->value().data()));
  }

 private:
  const Reader& reader_;
  const AuditFilter& filter_;
  bool has_types_;
  std::size_t key_bytes_;
  std::unique_ptr<events::Cursor> cursor_;
  std::size_t bytes_read_ = 0;
};

class WorkspaceWalk final : public AuditWalk {
 public:
  WorkspaceWalk(std::unique_ptr<Reader> snapshot, AuditFilter filter, const SequenceRange& range)
      : snapshot_(std::move(snapshot)),
        filter_(std::move(filter)),
        index_(*snapshot_, filter_, {Family::log_by_workspace, key_of(filter_.workspace).str()}, range,
               events::ScanRange::Purpose::replay) {}

  Result<std::optional<Event>> next() override {
    for (; index_.valid(); ++filtered_out_) {
      TALLY_TRY_ASSIGN(const Sequence sequence, index_.sequence());
      TALLY_TRY_ASSIGN(auto event, index_.event_if_passing(sequence));
      index_.next();
      if (event) return event;
    }
    TALLY_TRY(index_.status());
    return std::optional<Event>{};
  }
  [[nodiscard]] std::uint64_t filtered_out() const override { return filtered_out_; }

 private:
  std::unique_ptr<Reader> snapshot_;
  AuditFilter filter_;
  IndexReader index_;
  std::uint64_t filtered_out_ = 0;
};

/// A page of events in one direction.
struct Walked {
  std::vector<Event> items;
  std::optional<Sequence> go_on_from;  ///< The last row looked at, if there may be more behind it.
};

Result<Walked> walk_page(IndexReader& index, AuditPageBounds bounds) {
  TALLY_CHECK(bounds.events >= 1, std::to_string(bounds.events));
  Walked page;
  const auto items_max = static_cast<std::size_t>(bounds.events);
  std::size_t rows_left = items_max * kRowsReadPerItem;
  Sequence last;
  for (; index.valid(); index.next()) {
    if (page.items.size() == items_max || rows_left == 0 || index.bytes_read() >= bounds.bytes) {
      page.go_on_from = last;
      return page;
    }
    --rows_left;
    TALLY_TRY_ASSIGN(last, index.sequence());
    TALLY_TRY_ASSIGN(auto event, index.event_if_passing(last));
    if (event) page.items.push_back(std::move(*event));
  }
  TALLY_TRY(index.status());
  return page;
}

/// Where each span begins, and after the last one where it ends.
Result<std::vector<std::uint64_t>> boundaries_of(const Reader& reader, const AuditSpansRequest& request) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(reader));
  std::vector<std::uint64_t> boundaries;
  for (int span = 0; span <= request.spans; ++span) {
    TALLY_TRY_ASSIGN(const std::uint64_t first,
                     events::events_before(reader, head, request.begin + request.length * span));
    boundaries.push_back(first);
  }
  return boundaries;
}

}  // namespace

Result<AuditPage> AuditQueries::list(const AuditFilter& filter, std::optional<Sequence> after,
                                     AuditPageBounds bounds) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const SequenceRange range, range_of(*snapshot, filter, after));
  IndexReader index{*snapshot, filter, narrowest_index(filter), range, ScanRange::Purpose::page};
  TALLY_TRY_ASSIGN(Walked page, walk_page(index, bounds));
  return AuditPage{std::move(page.items), page.go_on_from};
}

Result<AuditBackPage> AuditQueries::list_newest(const AuditFilter& filter, std::optional<Sequence> before,
                                                AuditPageBounds bounds) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(SequenceRange range, range_of(*snapshot, filter, std::nullopt));
  if (before) range.until = std::max(range.from, std::min(range.until, before->value));
  IndexReader index{
      *snapshot, filter, narrowest_index(filter), range, ScanRange::Purpose::page, ScanRange::Direction::backward};
  TALLY_TRY_ASSIGN(Walked page, walk_page(index, bounds));
  return AuditBackPage{std::move(page.items), page.go_on_from};
}

Result<std::vector<AuditSpan>> AuditQueries::count(const AuditSpansRequest& request) const {
  TALLY_CHECK(request.spans >= 1 && request.length.count() > 0, std::to_string(request.spans));
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const auto boundaries, boundaries_of(*snapshot, request));
  AuditFilter filter;
  filter.workspace = request.workspace;
  IndexReader index{
      *snapshot, filter, narrowest_index(filter), {boundaries.front(), boundaries.back()}, ScanRange::Purpose::page};
  std::vector<AuditSpan> spans;
  std::uint64_t events_left = core::limits::kCountedEventsMax;
  for (int number = 0; number < request.spans; ++number) {
    const Timestamp begin = request.begin + request.length * number;
    std::map<core::EventType, std::uint64_t> counts;
    for (; index.valid(); index.next()) {
      TALLY_TRY_ASSIGN(const Sequence sequence, index.sequence());
      if (sequence.value >= boundaries[static_cast<std::size_t>(number) + 1]) break;
      if (events_left-- == 0) return core::fail(core::Errc::limit_exceeded, "too many events to count: ask for less");
      TALLY_TRY_ASSIGN(const core::EventType type, index.type());
      ++counts[type];
    }
    spans.push_back({begin, begin + request.length, {counts.begin(), counts.end()}});
  }
  TALLY_TRY(index.status());
  return spans;
}

Result<std::unique_ptr<AuditWalk>> AuditQueries::walk(const AuditFilter& filter, std::optional<Sequence> after) const {
  auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const SequenceRange range, range_of(*snapshot, filter, after));
  std::unique_ptr<AuditWalk> walk = std::make_unique<WorkspaceWalk>(std::move(snapshot), filter, range);
  return walk;
}

Result<std::uint64_t> AuditQueries::size() const {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*store_.snapshot()));
  return head.tree.size();
}

Result<core::TreeHead> AuditQueries::tree_head() const {
  // Of one moment: a batch between the reads of head and end would look like damage.
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*store_.snapshot()));
  return core::TreeHead{head.tree.size(), head.tree.root()};
}

}  // namespace tally::projections
