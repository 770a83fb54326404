#include "events/log/log.hpp"

#include <algorithm>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::events {
namespace {

constexpr char kHeadVersion = 1;
constexpr char kCorrectedHeadVersion = 2;  // With the last ClockAccepted: no release before knows what to make of it.
constexpr char kForkedHeadVersion = 3;     // With the number of the last fork, and then one of the others.
constexpr std::size_t kCorrectionBytes = 8 + 1;
constexpr std::size_t kForkBytes = 1 + 4;
constexpr std::size_t kRangeFixedBytes = 8;
constexpr std::size_t kHeadFixedBytes = 1 + 8 + 8;
constexpr std::size_t kDigestBytes = sizeof(core::Digest);

core::Error corrupt(std::string detail) { return core::fail(core::Errc::corrupt, std::move(detail)); }

/// The sequence that the next event would have by the log alone.
core::Result<std::uint64_t> end_of_log(const Reader& reader) {
  ScanRange range;
  range.direction = ScanRange::Direction::backward;
  const auto cursor = reader.scan(Family::log, range);
  if (!cursor->valid()) {
    TALLY_TRY(cursor->status());
    return std::uint64_t{0};
  }
  const auto sequence = read_be64(cursor->key());
  if (!sequence || cursor->key().size() != 8) return corrupt("the log's last key is no sequence");
  return *sequence + 1;
}

core::Result<core::Event> decode_at(core::ByteView bytes, std::uint64_t sequence) {
  auto event = decode_event(bytes);
  if (event.has_error()) {
    return core::fail(event.error().code, "event " + std::to_string(sequence) + ": " + event.error().detail);
  }
  if (event->sequence.value != sequence) {
    return corrupt("event " + std::to_string(sequence) + " says that it is " + std::to_string(event->sequence.value));
  }
  return event;
}

/// A tree's row from its size on. Errors: corrupt.
core::Result<CompactRange> range_of(std::uint64_t size, std::string_view bytes) {
  auto roots = digests_of(bytes);
  if (!roots) return corrupt("a tree's row has a wrong length");
  return CompactRange::from_parts(size, std::move(*roots));
}

/// Null: the event is of none.
const core::Fork* fork_of(const core::Event& event) {
  if (const auto* recovered = std::get_if<core::LedgerRecovered>(&event.payload)) return &recovered->fork;
  if (const auto* restored = std::get_if<core::LedgerRestored>(&event.payload)) return &restored->fork;
  return nullptr;
}

/// Of a ledger that has never forked. Errors: corrupt.
core::Result<LedgerHead> decode_plain_head(std::string_view row) {
  const bool is_corrected = row.starts_with(kCorrectedHeadVersion);
  const std::size_t fixed_bytes = kHeadFixedBytes + (is_corrected ? kCorrectionBytes : 0);
  if (row.size() < fixed_bytes || (row.size() - fixed_bytes) % kDigestBytes != 0) {
    return corrupt("the ledger's head has a wrong length");
  }
  if (!is_corrected && row.front() != kHeadVersion) return corrupt("the ledger's head has an unknown form");
  const std::uint64_t size = *read_be64(row.substr(1));
  LedgerHead head;
  TALLY_TRY_ASSIGN(head.tree, range_of(size, row.substr(fixed_bytes)));
  head.last_recorded_at = core::timestamp_of_micros(static_cast<std::int64_t>(*read_be64(row.substr(9))));
  if (!core::is_writable(head.last_recorded_at)) return corrupt("the ledger's last time is out of range");
  if (is_corrected) {
    head.correction =
        ClockCorrection{core::Sequence{*read_be64(row.substr(kHeadFixedBytes))}, row[fixed_bytes - 1] == 1};
    const bool is_known =
        head.correction->accepted.value < size && static_cast<unsigned char>(row[fixed_bytes - 1]) <= 1;
    if (!is_known) return corrupt("the ledger's head names a correction that is not there");
  }
  return head;
}

}  // namespace

void LedgerHead::note(const core::Event& event) {
  last_recorded_at = event.recorded_at;
  if (std::holds_alternative<core::ClockAccepted>(event.payload)) {
    correction = ClockCorrection{event.sequence, false};
  } else if (correction && std::holds_alternative<core::ClockAcceptanceCompleted>(event.payload)) {
    correction->is_completed = true;
  } else if (const core::Fork* fork = fork_of(event); fork != nullptr && fork->number > 0) {
    forks = fork->number;
  }
}

std::string workspace_row(std::string_view prefix, const core::Uuid& workspace) {
  std::string name{prefix};
  append_uuid(name, workspace);
  return name;
}

std::string encode_range(const CompactRange& range) {
  std::string row;
  row.reserve(kRangeFixedBytes + range.roots().size() * kDigestBytes);
  append_be64(row, range.size());
  row.append(digests_as_text(range.roots()));
  return row;
}

core::Result<CompactRange> decode_range(std::string_view row) {
  const auto size = read_be64(row);
  if (!size) return corrupt("a tree's row has a wrong length");
  return range_of(*size, row.substr(kRangeFixedBytes));
}

std::string encode_head(const LedgerHead& head) {
  std::string row;
  row.reserve(kForkBytes + kHeadFixedBytes + kCorrectionBytes + head.tree.roots().size() * kDigestBytes);
  if (head.forks > 0) {
    row.push_back(kForkedHeadVersion);
    append_be32(row, head.forks);
  }
  row.push_back(head.correction ? kCorrectedHeadVersion : kHeadVersion);
  append_be64(row, head.tree.size());
  append_be64(row, static_cast<std::uint64_t>(core::micros_of(head.last_recorded_at)));
  if (head.correction) {
    append_be64(row, head.correction->accepted.value);
    row.push_back(head.correction->is_completed ? 1 : 0);
  }
  row.append(digests_as_text(head.tree.roots()));
  return row;
}

core::Result<LedgerHead> decode_head(std::string_view row) {
  if (!row.starts_with(kForkedHeadVersion)) return decode_plain_head(row);
  const auto forks = read_be32(row.substr(1));
  if (!forks) return corrupt("the ledger's head has a wrong length");
  if (*forks == 0) return corrupt("the ledger's head has an unknown form");
  TALLY_TRY_ASSIGN(LedgerHead head, decode_plain_head(row.substr(kForkBytes)));
  head.forks = *forks;
  return head;
}

core::Result<LedgerHead> load_head(const Reader& reader) {
  TALLY_TRY_ASSIGN(const auto row, reader.get(Family::meta, kHeadRow));
  LedgerHead head;
  if (row) {
    TALLY_TRY_ASSIGN(head, decode_head(*row));
  }
  TALLY_TRY_ASSIGN(const auto end, end_of_log(reader));
  if (end != head.tree.size()) {
    const std::uint64_t next = std::min(end, head.tree.size());
    return corrupt("the ledger holds " + std::to_string(end) + " events, its head says " +
                   std::to_string(head.tree.size()) + ": event " + std::to_string(next) +
                   (end < head.tree.size() ? " is the first that is missing" : " is more than there should be"));
  }
  return head;
}

core::Result<std::optional<std::string>> read_event_bytes(const Reader& reader, core::Sequence sequence) {
  return reader.get(Family::log, key_of(sequence));
}

core::Result<std::optional<core::Event>> read_event(const Reader& reader, core::Sequence sequence,
                                                    std::size_t* bytes_read) {
  TALLY_TRY_ASSIGN(const auto bytes, read_event_bytes(reader, sequence));
  if (!bytes) return std::optional<core::Event>{};
  if (bytes_read != nullptr) *bytes_read += bytes->size();
  TALLY_TRY_ASSIGN(auto event, decode_at(core::as_bytes(*bytes), sequence.value));
  return std::optional<core::Event>{std::move(event)};
}

LogCursor::LogCursor(const Reader& reader, core::Sequence from, ScanRange::Purpose purpose) : expected_(from.value) {
  ScanRange range;
  range.from = key_of(from);
  range.purpose = purpose;
  cursor_ = reader.scan(Family::log, range);
}

core::Result<std::optional<core::ByteView>> LogCursor::next_bytes() {
  // The view that was handed out last lives in the cursor: it moves on only now.
  if (started_ && cursor_->valid()) cursor_->next();
  started_ = true;
  if (!cursor_->valid()) {
    TALLY_TRY(cursor_->status());
    return std::optional<core::ByteView>{};
  }
  const auto sequence = read_be64(cursor_->key());
  if (!sequence || cursor_->key().size() != 8) return corrupt("a key of the log is no sequence");
  if (*sequence != expected_) return corrupt("event " + std::to_string(expected_) + " is missing from the log");
  ++expected_;
  return std::optional<core::ByteView>{core::as_bytes(cursor_->value())};
}

core::Result<std::optional<core::Event>> LogCursor::next(core::Digest* leaf) {
  const std::uint64_t sequence = expected_;
  TALLY_TRY_ASSIGN(const auto bytes, next_bytes());
  if (!bytes) return std::optional<core::Event>{};
  if (leaf != nullptr) *leaf = leaf_hash(*bytes);
  TALLY_TRY_ASSIGN(auto event, decode_at(*bytes, sequence));
  return std::optional<core::Event>{std::move(event)};
}

}  // namespace tally::events
