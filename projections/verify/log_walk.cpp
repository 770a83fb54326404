#include "projections/verify/log_walk.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/merkle.hpp"
#include "projections/rebuild/chunks_ahead.hpp"

namespace tally::projections {
namespace {

using core::Errc;
using core::Result;
using core::Sequence;

constexpr std::size_t kEventsPerChunk = 512;
constexpr std::size_t kBytesPerChunk = 1 << 20;

/// A row of the log, or a stretch of it that can not be read.
struct RawRow {
  std::optional<std::uint64_t> place;  ///< Empty: its key is no sequence. Of a stretch: its first event.
  std::size_t begin = 0;               ///< Of its bytes in the chunk.
  std::size_t size = 0;
  core::Digest leaf;
  std::string flaw;  ///< Of a stretch: why; else empty.
};

struct RawChunk {
  std::vector<RawRow> rows;
  std::string bytes;
  [[nodiscard]] bool empty() const { return rows.empty(); }
};

/// Reads the log's rows, and goes on behind what can not be read.
class LogRows {
 public:
  /// `until`: the first place that does not count any more; empty: there is none.
  LogRows(const events::Reader& reader, std::optional<std::uint64_t> until) : reader_(reader), until_(until) {}

  /// Errors: io_failed, stopping.
  Result<RawChunk> next() {
    RawChunk chunk;
    if (has_ended_) return chunk;
    if (!cursor_) cursor_ = scan_from(next_);
    chunk.rows.reserve(kEventsPerChunk);
    while (chunk.rows.size() < kEventsPerChunk && chunk.bytes.size() < kBytesPerChunk) {
      if (has_taken_) cursor_->next();
      has_taken_ = false;
      if (cursor_->valid()) {
        take(chunk);
        continue;
      }
      const auto status = cursor_->status();
      if (!status.has_error()) break;
      if (status.error().code != Errc::corrupt) return status.error();
      chunk.rows.push_back({next_, 0, 0, {}, status.error().detail});
      if (!skip()) break;
    }
    return chunk;
  }

  /// Holds nothing of the reader until the next call.
  void rest() {
    cursor_.reset();
    has_taken_ = false;
  }

 private:
  [[nodiscard]] std::unique_ptr<events::Cursor> scan_from(std::uint64_t place) const {
    events::ScanRange range;
    if (until_) range.until = events::key_of(Sequence{*until_});
    range.from = events::key_of(Sequence{place});
    range.purpose = events::ScanRange::Purpose::replay;
    return reader_.scan(events::Family::log, range);
  }

  void take(RawChunk& chunk) {
    const std::string_view key = cursor_->key();
    const std::string_view value = cursor_->value();
    RawRow row;
    if (key.size() == sizeof(std::uint64_t)) row.place = events::read_be64(key);
    row.begin = chunk.bytes.size();
    row.size = value.size();
    row.leaf = events::leaf_hash(core::as_bytes(value));
    chunk.bytes.append(value);
    if (row.place) next_ = *row.place + 1;
    chunk.rows.push_back(std::move(row));
    has_taken_ = true;
  }

  /// To the first row behind `next_` that can be read: with steps that double, and then between the last two of them.
  /// False: there is none.
  bool skip() {
    std::uint64_t unreadable = next_;
    for (std::uint64_t step = 1; step != 0 && unreadable + step > unreadable; step *= 2) {
      auto cursor = scan_from(next_ + step);
      if (!cursor->valid() && !cursor->status().has_error()) break;
      if (!cursor->valid()) {
        unreadable = next_ + step;
        continue;
      }
      std::uint64_t readable = next_ + step;
      while (readable - unreadable > 1) {
        const std::uint64_t middle = unreadable + (readable - unreadable) / 2;
        auto nearer = scan_from(middle);
        if (nearer->valid()) {
          readable = middle;
          cursor = std::move(nearer);
        } else {
          unreadable = middle;
        }
      }
      cursor_ = std::move(cursor);
      return true;
    }
    has_ended_ = true;
    return false;
  }

  const events::Reader& reader_;
  const std::optional<std::uint64_t> until_;
  std::unique_ptr<events::Cursor> cursor_;
  std::uint64_t next_ = 0;  ///< The place behind the last row that was read.
  bool has_taken_ = false;
  bool has_ended_ = false;
};

class Walk {
 public:
  Walk(std::span<LogCheck* const> checks, Findings& findings) : checks_(checks), findings_(findings) {}

  void meet(const RawChunk& chunk) {
    for (const RawRow& row : chunk.rows) meet(row, core::as_bytes(chunk.bytes).subspan(row.begin, row.size));
  }

  WalkedLog end() {
    if (!flaw_.empty()) {
      findings_.add(Finding::Kind::unreadable, Sequence{walked_.size},
                    "event " + std::to_string(walked_.size) + " can not be read, nor what follows it: " + flaw_);
    }
    for (LogCheck* check : checks_) check->end(walked_.size, findings_);
    return walked_;
  }

  [[nodiscard]] const WalkedLog& so_far() const { return walked_; }

 private:
  void meet(const RawRow& row, core::ByteView bytes) {
    if (!row.flaw.empty()) {
      flaw_ = row.flaw;
      return;
    }
    if (!row.place) {
      findings_.add(Finding::Kind::misplaced, Sequence{walked_.size},
                    "a row of the log before event " + std::to_string(walked_.size) + " has a key that is no sequence");
      return;
    }
    const std::uint64_t place = *row.place;
    if (place > walked_.size) tell_gap(place);
    flaw_.clear();
    walked_.size = place + 1;
    ++walked_.events;
    const auto event = decode(place, bytes);
    const MetEvent met{Sequence{place}, row.leaf, event ? &*event : nullptr};
    for (LogCheck* check : checks_) check->meet(met, findings_);
  }

  /// From where the walk stands up to `place`.
  void tell_gap(std::uint64_t place) {
    const std::uint64_t first = walked_.size;
    const bool is_one = place - first == 1;
    const std::string which = is_one ? "event " + std::to_string(first)
                                     : "events " + std::to_string(first) + " to " + std::to_string(place - 1);
    if (flaw_.empty()) {
      findings_.add(Finding::Kind::missing, Sequence{first}, which + (is_one ? " is missing" : " are missing"));
    } else {
      findings_.add(Finding::Kind::unreadable, Sequence{first}, which + " can not be read: " + flaw_);
    }
  }

  std::optional<core::Event> decode(std::uint64_t place, core::ByteView bytes) {
    const std::string which = "event " + std::to_string(place);
    auto event = events::decode_event(bytes);
    if (event.has_error()) {
      const bool is_unknown = event.error().code == Errc::unknown_event;
      findings_.add(is_unknown ? Finding::Kind::unknown_type : Finding::Kind::undecodable, Sequence{place},
                    which + " can not be decoded: " + event.error().detail);
      return std::nullopt;
    }
    if (event->sequence.value != place) {
      findings_.add(Finding::Kind::misplaced, Sequence{place},
                    which + " says that it is " + std::to_string(event->sequence.value));
      return std::nullopt;
    }
    return std::move(*event);
  }

  const std::span<LogCheck* const> checks_;
  Findings& findings_;
  WalkedLog walked_;
  std::string flaw_;  ///< Why what stands before the next row could not be read; empty: it could.
};

}  // namespace

Result<WalkedLog> walk_log(const events::Reader& reader, std::span<LogCheck* const> checks, Findings& findings,
                           const std::function<void(std::uint64_t events)>& on_progress) {
  LogRows rows{reader, std::nullopt};
  Walk walk{checks, findings};
  ChunksAhead<RawChunk> ahead{[&rows] { return rows.next(); }};
  for (;;) {
    TALLY_TRY_ASSIGN(const RawChunk chunk, ahead.next());
    if (chunk.empty()) return walk.end();
    walk.meet(chunk);
    if (on_progress) on_progress(walk.so_far().events);
  }
}

struct LogWalk::Parts {
  LogRows rows;
  Walk walk;
};

LogWalk::LogWalk(const events::Reader& reader, std::uint64_t until, std::span<LogCheck* const> checks,
                 Findings& findings)
    : checks_(checks), parts_(new Parts{LogRows{reader, until}, Walk{checks, findings}}) {}

LogWalk::~LogWalk() = default;

Result<bool> LogWalk::step() {
  TALLY_TRY_ASSIGN(const RawChunk chunk, parts_->rows.next());
  parts_->walk.meet(chunk);
  parts_->rows.rest();
  for (LogCheck* check : checks_) check->rest();
  return !chunk.empty();
}

WalkedLog LogWalk::end() { return parts_->walk.end(); }

}  // namespace tally::projections
