#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/base/ids.hpp"
#include "http/server/limits.hpp"

namespace tally::http {

/// Who asks, and about which workspace.
struct Turn {
  core::Uuid asker;                 ///< A person; of a stranger, what stands for their address.
  std::optional<core::Uuid> about;  ///< The workspace, if it is about one.
};

/// A few threads that many askers share: workspaces are served in turn, in each its askers, and an asker's own jobs in
/// the order in which they came. One asker has one job at work at a time, and one workspace, if there is more than one
/// thread, never all of them: so nobody waits for more than one job of each other workspace. Cost of a job beside its
/// work: three locks, and a walk over those who wait. Source: Nagle 1987 (RFC 970), fair queueing. Threads: any.
class TurnPool {
 public:
  struct Bounds {
    unsigned threads = 1;
    std::size_t waiting_per_asker = limits::kReadsWaitingPerAskerMax;
    std::size_t waiting = limits::kReadsWaitingMax;
  };
  /// `on_thread`: called first on each thread; may be empty.
  explicit TurnPool(const Bounds& bounds, const std::function<void()>& on_thread = {});
  /// As stop() and join().
  ~TurnPool();
  TurnPool(const TurnPool&) = delete;
  TurnPool& operator=(const TurnPool&) = delete;

  /// Whether a job may be refused for want of room, or waits in any case: the next piece of an answer that has begun.
  enum class WhenFull : std::uint8_t { refuse, wait };

  /// Runs `work` on one of the threads, when it is its turn, and comes back on the coroutine's own executor. What
  /// `work` throws is thrown here. False: there was no room, and it did not run. Lifetime: the pool outlives the wait.
  boost::asio::awaitable<bool> run(Turn turn, WhenFull when_full, std::function<void()> work);

  /// Has each thread do `task` once, between two jobs. A later one takes the place of one that was not done yet.
  void on_every_thread(std::function<void()> task);

  /// Nothing is begun any more; jobs that wait are dropped, and with them the coroutines that wait for them.
  void stop();
  /// Waits for what runs, after stop(). Not from one of its threads.
  void join();

 private:
  /// A piece of work, and the coroutine that waits for it.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run() noexcept = 0;
    virtual void resume() = 0;
  };
  template <class Handler>
  class JobOf;

  struct Lane {
    core::Uuid asker;
    std::deque<std::unique_ptr<Job>> jobs;
  };
  struct Group {
    core::Uuid about;
    std::list<Lane> lanes;  ///< The next one first. None is empty.
    std::size_t running = 0;
  };
  struct Asker {
    std::size_t running = 0;
    std::size_t waiting = 0;
  };
  /// A job that was taken, and who must be told when it is done.
  struct Taken {
    std::unique_ptr<Job> job;
    core::Uuid asker;
    std::list<Group>::iterator group;
  };

  bool submit(const Turn& turn, WhenFull when_full, std::unique_ptr<Job>& job);
  /// With the lock held. Nothing: nobody may go now.
  std::optional<Taken> take();
  void finished(const Taken& taken);
  void work();
  /// Does what on_every_thread() has asked for since `done`, the lock let go meanwhile.
  void do_task(std::unique_lock<std::mutex>& lock, std::uint64_t& done);

  const Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::list<Group> groups_;                       // guarded by mutex_; the next one first
  std::unordered_map<core::Uuid, Asker> askers_;  // guarded by mutex_; none is idle
  std::size_t waiting_ = 0;                       // guarded by mutex_
  std::function<void()> task_;                    // guarded by mutex_
  std::uint64_t tasks_ = 0;                       // guarded by mutex_; counts them
  bool stopped_ = false;                          // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace tally::http
