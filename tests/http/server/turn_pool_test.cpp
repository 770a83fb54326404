#include "http/server/turn_pool.hpp"

#include <array>
#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

using namespace tally;
using http::Turn;
using http::TurnPool;
using WhenFull = http::TurnPool::WhenFull;

namespace {

core::Uuid id_of(std::uint8_t number) {
  core::Uuid id;
  id.bytes[15] = number;
  return id;
}

Turn turn_of(std::uint8_t asker, std::uint8_t about = 0) {
  return {id_of(asker), about == 0 ? std::nullopt : std::optional{id_of(about)}};
}

boost::asio::awaitable<bool> run(TurnPool* pool, Turn turn, WhenFull when_full, std::function<void()> work) {
  co_return co_await pool->run(turn, when_full, std::move(work));
}

/// What the work throws, as a text that is made where it is waited for: who holds an exception is counted in a library
/// that ThreadSanitizer does not see into.
boost::asio::awaitable<std::string> run_failing(TurnPool* pool, Turn turn, std::function<void()> work) {
  try {
    co_await pool->run(turn, WhenFull::refuse, std::move(work));
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "";
}

/// A pool whose threads are held until release(), and a thread for the coroutines that wait for it.
class PoolWorld {
 public:
  explicit PoolWorld(const TurnPool::Bounds& bounds) : pool(bounds), guard_(context_.get_executor()) {
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~PoolWorld() {
    guard_.reset();
    thread_.join();
  }
  std::future<bool> ask(Turn turn, std::function<void()> work, WhenFull when_full = WhenFull::refuse) {
    return boost::asio::co_spawn(context_, run(&pool, turn, when_full, std::move(work)), boost::asio::use_future);
  }
  std::future<std::string> ask_failing(Turn turn, std::function<void()> work) {
    return boost::asio::co_spawn(context_, run_failing(&pool, turn, std::move(work)), boost::asio::use_future);
  }
  /// Asks, and notes `name` in `order` when it runs. Returns when the pool has it.
  std::future<bool> queue(Turn turn, const std::string& name) {
    auto asked = ask(turn, [this, name] {
      const std::lock_guard lock{mutex_};
      order.push_back(name);
    });
    settle();
    return asked;
  }
  /// What was asked before has reached the pool.
  void settle() {
    std::promise<void> reached;
    boost::asio::post(context_, [&reached] { reached.set_value(); });
    reached.get_future().wait();
  }

  std::vector<std::string> order;  // guarded by mutex_ while jobs run

 private:
  std::mutex mutex_;
  boost::asio::io_context context_{1};  // outlives the pool, whose threads may still be telling it of the last job

 public:
  TurnPool pool;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::thread thread_;
};

/// Work that lasts until it is let go.
class Plug {
 public:
  std::function<void()> work() {
    return [this] {
      running_.count_down();
      go_.wait();
    };
  }
  void wait_until_running() { running_.wait(); }
  void let_go() { go_.count_down(); }

 private:
  std::latch running_{1};
  std::latch go_{1};
};

}  // namespace

TEST_CASE("turns: workspaces take turns, in each its askers, and an asker's jobs keep their order", "[http][server]") {
  PoolWorld world{{.threads = 1}};
  Plug plug;
  auto held = world.ask(turn_of(99), plug.work());
  plug.wait_until_running();
  std::vector<std::future<bool>> asked;
  for (const char* name : {"a1", "a2", "a3"}) asked.push_back(world.queue(turn_of(1, 10), name));
  asked.push_back(world.queue(turn_of(2, 10), "b1"));
  asked.push_back(world.queue(turn_of(3, 20), "c1"));
  asked.push_back(world.queue(turn_of(4), "d1"));
  plug.let_go();
  for (auto& one : asked) CHECK(one.get());
  CHECK(held.get());
  CHECK(world.order == std::vector<std::string>{"a1", "c1", "d1", "b1", "a2", "a3"});
}

TEST_CASE("turns: an asker has one job at work, and a workspace never all threads", "[http][server]") {
  PoolWorld world{{.threads = 3}};
  Plug first, second;
  auto one = world.ask(turn_of(1, 10), first.work());
  first.wait_until_running();
  auto again = world.queue(turn_of(1, 20), "the same asker");
  auto two = world.ask(turn_of(2, 10), second.work());
  second.wait_until_running();
  auto third = world.queue(turn_of(3, 10), "the same workspace");
  CHECK(world.queue(turn_of(4, 20), "another").get());
  CHECK(world.order == std::vector<std::string>{"another"});
  second.let_go();
  CHECK(third.get());
  first.let_go();
  CHECK(again.get());
  CHECK(one.get());
  CHECK(two.get());
}

TEST_CASE("turns: who has too many waiting is refused, and nobody else; what must go on waits", "[http][server]") {
  PoolWorld world{{.threads = 1, .waiting_per_asker = 2, .waiting = 4}};
  Plug plug;
  auto held = world.ask(turn_of(1), plug.work());
  plug.wait_until_running();
  auto a = world.queue(turn_of(1), "a");
  auto b = world.queue(turn_of(1), "b");
  CHECK_FALSE(world.queue(turn_of(1), "refused").get());
  auto piece = world.ask(turn_of(1), [] {}, WhenFull::wait);
  world.settle();
  auto c = world.queue(turn_of(2), "c");
  CHECK_FALSE(world.queue(turn_of(3), "no room for anybody").get());
  plug.let_go();
  CHECK(a.get());
  CHECK(b.get());
  CHECK(piece.get());
  CHECK(c.get());
  CHECK(held.get());
  CHECK(world.queue(turn_of(1), "room again").get());
}

TEST_CASE("turns: what the work throws is thrown where it is waited for, and the asker comes again", "[http][server]") {
  PoolWorld world{{.threads = 1}};
  CHECK(world.ask_failing(turn_of(1), [] { throw std::runtime_error("broken"); }).get() == "broken");
  CHECK(world.queue(turn_of(1), "again").get());
}

TEST_CASE("turns: whatever many askers throw at it, each job runs once, and never two of one asker", "[http][server]") {
  testing::SeededRandom random{Catch::rngSeed()};
  INFO("seed " << Catch::rngSeed());
  PoolWorld world{{.threads = 4, .waiting_per_asker = 1'000, .waiting = 10'000}};
  constexpr std::size_t kAskers = 7;
  std::array<std::atomic<int>, kAskers> at_work{};
  std::atomic<int> ran{0};
  std::atomic<int> doubled{0};
  std::vector<std::future<bool>> asked;
  for (int index = 0; index < 2'000; ++index) {
    const auto asker = static_cast<std::uint8_t>(random.below(kAskers));
    const auto about = static_cast<std::uint8_t>(random.below(4));
    asked.push_back(world.ask(turn_of(asker, about), [&, asker] {
      if (at_work[asker].fetch_add(1) > 0) ++doubled;
      ++ran;
      at_work[asker].fetch_sub(1);
    }));
  }
  for (auto& one : asked) CHECK(one.get());
  CHECK(ran == 2'000);
  CHECK(doubled == 0);
}

TEST_CASE("turns: every thread does a task once, and jobs go on", "[http][server]") {
  PoolWorld world{{.threads = 3}};
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::latch done{3};
  world.pool.on_every_thread([&] {
    {
      const std::lock_guard lock{mutex};
      threads.insert(std::this_thread::get_id());
    }
    done.count_down();
  });
  done.wait();
  CHECK(world.queue(turn_of(1), "job").get());
  CHECK(threads.size() == 3);
}

TEST_CASE("turns: when the pool stops, what waits is dropped and what runs is waited for", "[http][server]") {
  boost::asio::io_context context;
  bool ran = false;
  {
    TurnPool pool{{.threads = 1}};
    Plug plug;
    boost::asio::co_spawn(context, run(&pool, turn_of(1), WhenFull::refuse, plug.work()), boost::asio::detached);
    boost::asio::co_spawn(context, run(&pool, turn_of(1), WhenFull::refuse, [&ran] { ran = true; }),
                          boost::asio::detached);
    context.poll();
    plug.wait_until_running();
    pool.stop();
    plug.let_go();
    pool.join();
  }
  CHECK_FALSE(ran);
}
