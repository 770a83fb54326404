#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/limits.hpp"
#include "core/result.hpp"
#include "events/projection.hpp"
#include "events/store.hpp"
#include "events/transaction.hpp"

namespace tally::events {

/// One command on its way through the writer.
class Work {
 public:
  virtual ~Work() = default;
  /// Decides and appends. Called once, on the writer thread, unless the writer stopped before.
  virtual void run(Transaction& transaction) = 0;
  /// Called once, on the writer thread, after the batch is durable (ok) or is known not to be (overloaded never comes
  /// here; no_space, stopping: nothing happened; outcome_unknown). Must be quick and must not throw.
  virtual void finish(const core::Result<void>& durable) noexcept = 0;
};

struct SequencerOptions {
  std::size_t queue_max = core::limits::kCommandQueueMax;
  std::size_t batch_max = core::limits::kCommandsPerBatchMax;
  std::size_t batch_bytes_max = 8 << 20;  ///< A batch that has grown so far is committed before its next command.
  /// Called on the writer thread after a write has failed and every waiting caller was told outcome_unknown: the
  /// process must end.
  std::function<void(const core::Error&)> on_fatal = {};
};

/// One writer: takes whatever is waiting (no artificial delay), runs it in order in one transaction, makes it durable
/// with one synced write, then tells every caller. This gives a dense global sequence, serial decisions without locks,
/// and one fsync for many commands. Source: docs/architecture.md ("The way of a command"); group commit: DeWitt et al.,
/// 1984.
class Sequencer {
 public:
  /// Starts the writer thread. Lifetime: store and projections outlive it.
  Sequencer(Store& store, LedgerHead head, std::span<Projection* const> projections, SequencerOptions options);
  /// stop(), then joins.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  /// Takes `work` if it accepts it, and leaves it alone if not. Errors: overloaded (the queue is full), stopping,
  /// outcome_unknown (a write has failed before); nothing happened then, and finish() is not called. Threads: any.
  core::Result<void> submit(std::unique_ptr<Work>& work);

  /// No new work; what is queued is done; returns when the writer has ended. Threads: any but the writer's.
  void stop();

  /// The number of events that are durable. Threads: any.
  [[nodiscard]] std::uint64_t durable_size() const { return durable_size_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t queued() const;

 private:
  using Works = std::vector<std::unique_ptr<Work>>;

  void run_writer();
  /// Up to batch_max of what waits; empty when stopping.
  Works take_works();
  /// False after a failed write.
  bool run_batch(Works& works);
  /// Makes durable what ran, and tells works[from, until).
  bool commit_and_tell(Works& works, std::size_t from, std::size_t until);
  /// Tells works[from, end) and everyone who waits that the outcome is unknown, then on_fatal.
  void fail(const core::Error& error, Works& works, std::size_t from);

  SequencerOptions options_;  // constant after construction
  Transaction transaction_;   // writer thread only
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  Works queue_;            // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  bool failed_ = false;    // guarded by mutex_
  std::atomic<std::uint64_t> durable_size_;
  std::once_flag joined_;
  std::thread writer_;
};

}  // namespace tally::events
