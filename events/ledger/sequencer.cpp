#include "events/ledger/sequencer.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <utility>

#include "core/base/check.hpp"

namespace tally::events {
namespace {

/// After a batch of more than this part of what is gathered, many are calling.
constexpr std::size_t kPartOfMany = 8;
/// So much longer than its time a batch may take that waits for the disk, or for a core.
constexpr int kWaitingFactor = 8;

std::chrono::nanoseconds processor_time() {
  timespec time{};
  TALLY_CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Whether a batch has had its time: of the processor, so that a writer that had to let go of its core does not commit
/// one command at a time.
class BatchClock {
 public:
  explicit BatchClock(std::chrono::microseconds limit) : limit_(limit), look_at_(began_ + limit) {}
  bool is_over() {
    const Clock::time_point now = Clock::now();
    if (now < look_at_) return false;
    const auto used = processor_time() - began_using_;
    look_at_ = now + (limit_ - used);
    return used >= limit_ || now - began_ >= kWaitingFactor * limit_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  const std::chrono::nanoseconds limit_;
  const Clock::time_point began_ = Clock::now();
  const std::chrono::nanoseconds began_using_ = processor_time();
  Clock::time_point look_at_;
};

}  // namespace

Sequencer::Sequencer(Store& store, LedgerHead head, std::span<Projection* const> projections, SequencerOptions options)
    : options_(std::move(options)),
      transaction_(store, std::move(head), projections),
      queue_(options_.queue_max),
      durable_size_(transaction_.head().tree.size()) {
  TALLY_CHECK(options_.batch_max > 0);
  writer_ = std::thread{[this] { run_writer(); }};
}

Sequencer::~Sequencer() { stop(); }

core::Result<void> Sequencer::submit(std::unique_ptr<Work>& work) {
  TALLY_CHECK(work != nullptr);
  bool may_start_now = false;
  {
    const std::lock_guard lock{mutex_};
    if (failed_) return core::fail(core::Errc::outcome_unknown, "the ledger stopped after a failed write");
    if (stopping_) return core::fail(core::Errc::stopping, "the ledger is closing");
    if (!queue_.push(work)) return core::fail(core::Errc::overloaded, "the command queue is full");
    // At most once a batch: with more than it wants, the writer is awake.
    may_start_now = queue_.size() <= wanted_ && may_start();
  }
  if (may_start_now) work_came_.notify_one();
  return {};
}

void Sequencer::submitter_rests() {
  busy_submitters_.fetch_sub(1);
  bool may_start_now = false;
  {
    const std::lock_guard lock{mutex_};
    may_start_now = wanted_ > 1 && may_start();
  }
  if (may_start_now) work_came_.notify_one();
}

void Sequencer::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_came_.notify_one();
  std::call_once(joined_, [this] { writer_.join(); });
}

std::size_t Sequencer::queued() const {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

void Sequencer::run_writer() {
  if (options_.on_start) options_.on_start();
  while (true) {
    const std::size_t count = await_works();
    if (count == 0 || !run_batch(count)) return;
  }
}

std::size_t Sequencer::await_works() {
  std::unique_lock lock{mutex_};
  if (last_batch_ > 1) {
    wanted_ = options_.gathered;
    busy_wanted_ = last_batch_ > options_.gathered / kPartOfMany ? 1 : options_.submitters;
    work_came_.wait_for(lock, options_.gather_time, [this] { return may_start(); });
    wanted_ = 1;
  }
  work_came_.wait(lock, [this] { return may_start(); });
  return std::min(queue_.size(), options_.batch_max);
}

std::unique_ptr<Work> Sequencer::take_work() {
  const std::lock_guard lock{mutex_};
  return queue_.pop();
}

bool Sequencer::more_may_come() const { return options_.submitters > 0 && busy_submitters_.load() >= busy_wanted_; }

bool Sequencer::may_start() const {
  return stopping_ || queue_.size() >= wanted_ || (!queue_.empty() && !more_may_come());
}

void Sequencer::run_one(std::unique_ptr<Work>& work) {
  if (options_.admit) {
    const auto admitted = options_.admit(work->reading(), transaction_.head().last_recorded_at);
    if (admitted.has_error()) {
      work->finish(admitted);
      work.reset();
      return;
    }
  }
  transaction_.begin();
  try {
    // What a work decides is its own affair, and can be taken back; Transaction::append() says otherwise for itself.
    const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
    work->run(transaction_);
    transaction_.end();
  } catch (const std::exception& exception) {
    transaction_.fail(core::fail(core::Errc::internal, exception.what()));
  }
  if (!transaction_.failed()) return;
  work->finish(transaction_.take_back());
  work.reset();
}

bool Sequencer::run_batch(std::size_t count) {
  BatchClock clock{options_.batch_time};
  Works works;
  works.reserve(count);
  last_batch_ = count;
  for (std::size_t left = count; left > 0; --left) {
    works.push_back(take_work());
    TALLY_CHECK(works.back() != nullptr);  // only this thread takes
    run_one(works.back());
    if (left == 1 || clock.is_over()) break;
    if (transaction_.pending_bytes() >= options_.batch_bytes_max && !commit_and_tell(works)) return false;
  }
  return commit_and_tell(works);
}

bool Sequencer::commit_and_tell(Works& works) {
  const auto durable = transaction_.commit();
  if (durable.has_error() && durable.error().code != core::Errc::no_space) {
    fail(durable.error(), works);
    return false;
  }
  durable_size_.store(transaction_.head().tree.size(), std::memory_order_release);
  for (const auto& work : works) {
    if (work) work->finish(durable);
  }
  works.clear();
  return true;
}

void Sequencer::fail(const core::Error& error, Works& works) {
  {
    const std::lock_guard lock{mutex_};
    failed_ = true;
    while (auto waiting = queue_.pop()) works.push_back(std::move(waiting));
  }
  const core::Result<void> unknown = core::fail(core::Errc::outcome_unknown, "a write failed: " + error.detail);
  for (const auto& work : works) {
    if (work) work->finish(unknown);
  }
  if (options_.on_fatal) options_.on_fatal(error);
}

}  // namespace tally::events
