#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "events/ledger/transaction.hpp"
#include "events/ledger/work_queue.hpp"
#include "events/store/projection.hpp"
#include "events/store/store.hpp"

namespace tally::events {

struct SequencerOptions {
  std::size_t queue_max = core::limits::kCommandQueueMax;
  std::size_t batch_max = core::limits::kCommandsPerBatchMax;
  std::chrono::microseconds batch_time =
      core::limits::kBatchTime;           ///< One that has run so long takes no other command.
  std::size_t batch_bytes_max = 8 << 20;  ///< A batch that has grown so far is committed before its next command.
  std::size_t gathered = core::limits::kCommandsGathered;  ///< A batch of so many waits for no more.
  std::chrono::microseconds gather_time = core::limits::kGatherTime;
  std::size_t submitters = 0;  ///< Threads that tell when they are busy. 0: nothing is gathered.
  /// Asked before each work is run, with its reading and the time of the newest event: a work that it refuses is told
  /// so and not run. Called on the writer thread. Must be quick. May be empty: all are run.
  std::function<core::Result<void>(core::Timestamp reading, core::Timestamp newest)> admit = {};
  std::function<void()> on_start = {};  ///< Called first on the writer thread. May be empty.
  /// Called on the writer thread after a write has failed and every waiting caller was told outcome_unknown: the
  /// process must end.
  std::function<void(const core::Error&)> on_fatal = {};
};

/// One writer: takes whatever is waiting, lane by lane in turn (WorkQueue), runs it in one transaction, makes it
/// durable with one synced write, then tells every caller. A batch ends early when it has run for `batch_time`: so
/// nobody waits for more than that, one command, and those of the other lanes, however much somebody asks for. This
/// gives a dense global sequence, serial decisions without locks, and one fsync for many commands. A batch is gathered
/// while every submitter has work at hand, and after one of more than an eighth of `gathered` while any has: they may
/// soon bring more. Up to `gathered` works, for at most `gather_time`, and never after a batch of one, so that a caller
/// alone does not wait. Source: docs/architecture.md ("The life of a command"), docs/adr/0008; group commit: DeWitt et
/// al., 1984.
class Sequencer {
 public:
  /// Starts the writer thread. Lifetime: store and projections outlive it.
  Sequencer(Store& store, LedgerHead head, std::span<Projection* const> projections, SequencerOptions options);
  /// stop(), then joins.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  /// Takes `work` if it accepts it, and leaves it alone if not. Errors: overloaded (the queue, or its lane's
  /// share of it, is full), stopping,
  /// outcome_unknown (a write has failed before); nothing happened then, and finish() is not called. Threads: any.
  core::Result<void> submit(std::unique_ptr<Work>& work);

  /// One of the `submitters` has work at hand; or is about to wait for some. Each thread's calls alternate, and begin
  /// with busy. Others submit without a word, and are not waited for. Threads: any.
  void submitter_is_busy() { busy_submitters_.fetch_add(1); }
  void submitter_rests();

  /// No new work; what is queued is done; returns when the writer has ended. Threads: any but the writer's.
  void stop();

  /// The number of events that are durable. Threads: any.
  [[nodiscard]] std::uint64_t durable_size() const { return durable_size_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t queued() const;

 private:
  using Works = std::vector<std::unique_ptr<Work>>;

  void run_writer();
  /// How many may be run now: up to batch_max of what waits; 0 when stopping.
  std::size_t await_works();
  /// Null: nothing waits.
  std::unique_ptr<Work> take_work();
  [[nodiscard]] bool more_may_come() const;  // under mutex_
  /// There is something to do, and nothing to gather. Under mutex_.
  [[nodiscard]] bool may_start() const;
  /// Runs one work, if it may. If it fails, it is taken back, told and gone.
  void run_one(std::unique_ptr<Work>& work);
  /// Runs up to `count` works. False after a failed write.
  bool run_batch(std::size_t count);
  /// Makes durable what ran, and tells those who were not told yet. `works` is empty then.
  bool commit_and_tell(Works& works);
  /// Tells `works` and everyone who waits that the outcome is unknown, then on_fatal.
  void fail(const core::Error& error, Works& works);

  SequencerOptions options_;  // constant after construction
  Transaction transaction_;   // writer thread only
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  WorkQueue queue_;              // guarded by mutex_
  std::size_t wanted_ = 1;       // guarded by mutex_: starts with so many, whoever is busy
  std::size_t busy_wanted_ = 1;  // guarded by mutex_: so many busy submitters are worth waiting for
  bool stopping_ = false;        // guarded by mutex_
  bool failed_ = false;          // guarded by mutex_
  std::size_t last_batch_ = 0;   // writer thread only
  std::atomic<std::size_t> busy_submitters_ = 0;
  std::atomic<std::uint64_t> durable_size_;
  std::once_flag joined_;
  std::thread writer_;
};

}  // namespace tally::events
