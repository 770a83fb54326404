#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "core/state/context.hpp"
#include "events/log/codec.hpp"
#include "events/log/log.hpp"
#include "events/log/tree_writer.hpp"
#include "events/store/projection.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// What a unit of work sees and does on the writer thread: rows with all writes of the batch before it, and events to
/// append. A work that meets trouble (a damaged row, a read that fails) is taken back whole, whatever it made of it;
/// the works before it in the batch stay. Threads: writer thread only.
class Transaction : public Reader {
 public:
  Transaction(Store& store, LedgerHead head, std::span<Projection* const> projections);
  ~Transaction() override;

  /// A work begins: what follows can be taken back.
  void begin();
  /// The work at hand has failed. The first reason counts.
  void fail(const core::Error& error) { static_cast<void>(remember(error)); }
  /// Whether the work at hand, or a commit, has failed.
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  /// Everything is as it was at begin(), and the next work may begin. Returns why. Only if failed().
  core::Error take_back();

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override;

  /// The time of everything that the command records: its own, but never before the last event's.
  [[nodiscard]] core::Timestamp time_of(const core::CommandContext& context) const;

  /// Numbers, encodes and hashes the events, stores them and applies every projection; gives them as they stand in the
  /// log. The ids are made from the context's entropy. Errors: too_large, corrupt, io_failed; the work has then failed
  /// as a whole.
  core::Result<std::vector<core::Event>> append(const core::CommandContext& context,
                                                std::vector<core::NewEvent> events);
  /// The same of one.
  core::Result<core::Event> append(const core::CommandContext& context, core::NewEvent event);

  /// Appends the one event that goes back in time, to the context's reading: what is appended after it goes on from
  /// there. Fills in what it says of the ledger but for `first_ahead`. Errors: as append().
  core::Result<void> correct_time(const core::CommandContext& context, core::Sequence first_ahead);

  /// Rows that are not from the log. Only ephemeral and volatile families (checked).
  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);

  /// The work at hand is done. It has failed with no_space where the disk is nearly full and this is no stop: it
  /// appended something else, or wrote rows without any event.
  void end();

  /// The sequence of the last event appended in this transaction's life; empty if none was yet.
  [[nodiscard]] std::optional<core::Sequence> last_sequence() const;
  [[nodiscard]] const LedgerHead& head() const { return head_; }
  /// The next event's sequence.
  [[nodiscard]] core::Sequence next_sequence() const { return {head_.tree.size()}; }

  /// About how much memory the writes since the last commit take.
  [[nodiscard]] std::size_t pending_bytes() const { return batch_->bytes(); }

  /// Commits everything since the last commit as one synced write, with the new head. Nothing written: does nothing.
  /// Errors: no_space (everything since the last commit is undone, and work can go on), outcome_unknown (nothing can be
  /// done any more), or the failure of a work that was not taken back.
  core::Result<void> commit();

 private:
  /// What stood when the work at hand began.
  struct Mark {
    core::Timestamp last_recorded_at;
    std::optional<ClockCorrection> correction;
    std::uint32_t forks = 0;
    std::optional<core::Sequence> last_sequence;
  };
  /// What the work at hand has written.
  struct Written {
    bool stop = false;
    bool other_event = false;
    bool row = false;
  };

  /// Remembers a failure.
  core::Result<core::Event> append_at(core::Timestamp at, const core::CommandContext& context, core::NewEvent event);
  /// What the event says of its place and of its command, and what it is.
  core::Result<core::Event> placed(core::Timestamp at, const core::CommandContext& context, core::NewEvent event);
  core::Result<void> store(const core::Event& event);
  void roll_back();
  core::Error remember(core::Error error) const;

  Store& store_;
  LedgerHead head_;
  LedgerHead committed_head_;
  std::span<Projection* const> projections_;
  std::unique_ptr<Batch> batch_;
  EventEncoder encoder_;
  std::optional<core::Sequence> last_sequence_;
  std::optional<core::Sequence> committed_last_sequence_;
  mutable std::optional<core::Error> failure_;  ///< Reads can fail, too.
  Mark mark_;
  Written written_;  ///< By the work at hand.
  TreeWriter trees_;
};

}  // namespace tally::events
