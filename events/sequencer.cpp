#include "events/sequencer.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "core/check.hpp"

namespace tally::events {
namespace {

/// After a batch of more than this part of what is gathered, many are calling.
constexpr std::size_t kPartOfMany = 8;

}  // namespace

Sequencer::Sequencer(Store& store, LedgerHead head, std::span<Projection* const> projections, SequencerOptions options)
    : options_(std::move(options)),
      transaction_(store, std::move(head), projections),
      durable_size_(transaction_.head().tree.size()) {
  TALLY_CHECK(options_.queue_max > 0 && options_.batch_max > 0);
  queue_.reserve(options_.queue_max);
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
    if (queue_.size() >= options_.queue_max) return core::fail(core::Errc::overloaded, "the command queue is full");
    queue_.push_back(std::move(work));
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
    Works works = take_works();
    if (works.empty()) return;
    if (!run_batch(works)) return;
  }
}

Sequencer::Works Sequencer::take_works() {
  std::unique_lock lock{mutex_};
  if (last_batch_ > 1) {
    wanted_ = options_.gathered;
    busy_wanted_ = last_batch_ > options_.gathered / kPartOfMany ? 1 : options_.submitters;
    work_came_.wait_for(lock, options_.gather_time, [this] { return may_start(); });
    wanted_ = 1;
  }
  work_came_.wait(lock, [this] { return may_start(); });
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
  Works works{std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count)};
  queue_.erase(queue_.begin(), queue_.begin() + count);
  last_batch_ = works.size();
  return works;
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

bool Sequencer::run_batch(Works& works) {
  std::size_t told = 0;
  for (std::size_t index = 0; index < works.size(); ++index) {
    run_one(works[index]);
    const bool is_full = transaction_.pending_bytes() >= options_.batch_bytes_max || index + 1 == works.size();
    if (!is_full) continue;
    if (!commit_and_tell(works, told, index + 1)) return false;
    told = index + 1;
  }
  return true;
}

bool Sequencer::commit_and_tell(Works& works, std::size_t from, std::size_t until) {
  const auto durable = transaction_.commit();
  if (durable.has_error() && durable.error().code != core::Errc::no_space) {
    fail(durable.error(), works, from);
    return false;
  }
  durable_size_.store(transaction_.head().tree.size(), std::memory_order_release);
  for (std::size_t index = from; index < until; ++index) {
    if (!works[index]) continue;
    works[index]->finish(durable);
    works[index].reset();
  }
  return true;
}

void Sequencer::fail(const core::Error& error, Works& works, std::size_t from) {
  Works waiting;
  {
    const std::lock_guard lock{mutex_};
    failed_ = true;
    waiting.swap(queue_);
  }
  const core::Result<void> unknown = core::fail(core::Errc::outcome_unknown, "a write failed: " + error.detail);
  for (std::size_t index = from; index < works.size(); ++index) {
    if (works[index]) works[index]->finish(unknown);
  }
  for (const auto& work : waiting) work->finish(unknown);
  if (options_.on_fatal) options_.on_fatal(error);
}

}  // namespace tally::events
