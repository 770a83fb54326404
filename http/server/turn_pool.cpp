#include "http/server/turn_pool.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tally::http {
namespace asio = boost::asio;

namespace {

/// What the waiting coroutine learns; it lies in its frame.
struct Outcome {
  std::exception_ptr thrown;
  bool was_refused = false;
};

}  // namespace

template <class Handler>
class TurnPool::JobOf final : public Job {
 public:
  JobOf(std::function<void()> work, Outcome& outcome, asio::any_io_executor executor, Handler handler)
      : work_(std::move(work)), outcome_(outcome), executor_(std::move(executor)), handler_(std::move(handler)) {}

  void run() noexcept override {
    try {
      work_();
    } catch (...) {
      outcome_.thrown = std::current_exception();
    }
  }
  void resume() override { asio::post(executor_, std::move(handler_)); }

 private:
  const std::function<void()> work_;
  Outcome& outcome_;
  const asio::any_io_executor executor_;
  Handler handler_;
};

TurnPool::TurnPool(const Bounds& bounds, const std::function<void()>& on_thread) : bounds_(bounds) {
  for (unsigned index = 0; index < std::max(1U, bounds.threads); ++index) {
    threads_.emplace_back([this, on_thread] {
      if (on_thread) on_thread();
      work();
    });
  }
}

TurnPool::~TurnPool() {
  stop();
  join();
}

asio::awaitable<bool> TurnPool::run(Turn turn, WhenFull when_full, std::function<void()> work) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Outcome outcome;
  auto initiate = [this, &turn, when_full, &work, &outcome, &executor](auto handler) {
    using Kind = JobOf<decltype(handler)>;
    std::unique_ptr<Job> job = std::make_unique<Kind>(std::move(work), outcome, executor, std::move(handler));
    if (submit(turn, when_full, job)) return;
    outcome.was_refused = true;
    job->resume();
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(std::move(initiate), asio::use_awaitable);
  if (outcome.thrown) std::rethrow_exception(outcome.thrown);
  co_return !outcome.was_refused;
}

bool TurnPool::submit(const Turn& turn, WhenFull when_full, std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock{mutex_};
    const auto known = askers_.find(turn.asker);
    const std::size_t own = known == askers_.end() ? 0 : known->second.waiting;
    const bool is_full = waiting_ >= bounds_.waiting || own >= bounds_.waiting_per_asker;
    if (stopped_ || (is_full && when_full == WhenFull::refuse)) return false;
    // Who asks about no workspace is a group of one.
    const core::Uuid about = turn.about.value_or(turn.asker);
    auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& one) { return one.about == about; });
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{about, {}, 0});
    auto lane = std::find_if(group->lanes.begin(), group->lanes.end(),
                             [&](const Lane& one) { return one.asker == turn.asker; });
    if (lane == group->lanes.end()) lane = group->lanes.insert(group->lanes.end(), Lane{turn.asker, {}});
    lane->jobs.push_back(std::move(job));
    ++askers_[turn.asker].waiting;
    ++waiting_;
  }
  has_work_.notify_one();
  return true;
}

std::optional<TurnPool::Taken> TurnPool::take() {
  const std::size_t running_max = std::max<std::size_t>(bounds_.threads, 2) - 1;
  for (auto group = groups_.begin(); group != groups_.end(); ++group) {
    if (group->running >= running_max) continue;
    for (auto lane = group->lanes.begin(); lane != group->lanes.end(); ++lane) {
      Asker& asker = askers_.at(lane->asker);
      if (asker.running > 0) continue;
      Taken taken{std::move(lane->jobs.front()), lane->asker, group};
      lane->jobs.pop_front();
      ++asker.running;
      --asker.waiting;
      --waiting_;
      ++group->running;
      // Whoever had a turn goes to the end.
      group->lanes.splice(group->lanes.end(), group->lanes, lane);
      if (lane->jobs.empty()) group->lanes.erase(lane);
      groups_.splice(groups_.end(), groups_, group);
      return taken;
    }
  }
  return std::nullopt;
}

void TurnPool::finished(const Taken& taken) {
  const auto asker = askers_.find(taken.asker);
  if (--asker->second.running == 0 && asker->second.waiting == 0) askers_.erase(asker);
  if (--taken.group->running == 0 && taken.group->lanes.empty()) groups_.erase(taken.group);
  // More than one of those who wait may go now, and this thread takes one.
  if (waiting_ > 1) has_work_.notify_one();
}

void TurnPool::on_every_thread(std::function<void()> task) {
  {
    const std::lock_guard lock{mutex_};
    task_ = std::move(task);
    ++tasks_;
  }
  has_work_.notify_all();
}

void TurnPool::do_task(std::unique_lock<std::mutex>& lock, std::uint64_t& done) {
  if (done == tasks_) return;
  done = tasks_;
  const std::function<void()> task = task_;
  lock.unlock();
  task();
  lock.lock();
}

void TurnPool::work() {
  std::unique_lock lock{mutex_};
  std::uint64_t done = 0;
  while (!stopped_) {
    do_task(lock, done);
    if (stopped_) return;
    std::optional<Taken> taken = take();
    if (!taken) {
      has_work_.wait(lock);
      continue;
    }
    lock.unlock();
    taken->job->run();
    lock.lock();
    finished(*taken);
    lock.unlock();
    // After the books are right: the asker may come again at once.
    taken->job->resume();
    taken.reset();
    lock.lock();
  }
}

void TurnPool::stop() {
  std::list<Group> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    // What runs still finds its group.
    for (Group& group : groups_) dropped.push_back(Group{group.about, std::exchange(group.lanes, {}), 0});
    waiting_ = 0;
    for (auto& [id, asker] : askers_) asker.waiting = 0;
  }
  has_work_.notify_all();
}

void TurnPool::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace tally::http
