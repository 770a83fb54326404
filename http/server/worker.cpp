#include "http/server/worker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/check.hpp"
#include "http/server/connection.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

/// A deadline is met this much late at most: an eighth of the shortest timeout, and never more than half a second.
std::chrono::milliseconds tick_of(const ServerOptions& options) {
  const auto shortest = std::min({options.request_timeout, options.idle_timeout, options.handshake_timeout});
  return std::clamp(shortest / 8, std::chrono::milliseconds{1}, std::chrono::milliseconds{500});
}

}  // namespace

Worker::Worker(Surroundings& surroundings)
    : surroundings_(surroundings),
      request_ids_(surroundings.random),
      idle_(surroundings.seed),
      guard_(context_.get_executor()),
      deadline_timer_(context_) {}

void Worker::start() {
  asio::co_spawn(context_, watch_deadlines(this), asio::detached);
  thread_ = std::thread{[this] { run(); }};
}

// As io_context::run(), but that it tells when there is nothing left to do.
void Worker::run() {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  while (!context_.stopped()) {
    // Connections answer for their own exceptions: what comes here is of a timer, and ends nobody else's work.
    try {
      while (context_.poll() > 0) has_work();
      rest();
      context_.run_one();
    } catch (const std::exception& exception) {
      surroundings_.tell_fault({}, exception.what());
    }
  }
  rest();
}

void Worker::has_work() {
  if (!std::exchange(is_busy_, true) && surroundings_.options.on_turn) surroundings_.options.on_turn(true);
}

void Worker::rest() {
  if (std::exchange(is_busy_, false) && surroundings_.options.on_turn) surroundings_.options.on_turn(false);
}

asio::awaitable<void> Worker::watch_deadlines(Worker* worker) {
  const auto tick = tick_of(worker->surroundings_.options);
  for (;;) {
    worker->deadline_timer_.expires_after(tick);
    co_await worker->deadline_timer_.async_wait(asio::use_awaitable);
    const auto now = std::chrono::steady_clock::now();
    for (Connection* connection : worker->connections_) connection->check_deadline(now);
  }
}

void Worker::drain() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_) connection->drain();
  });
}

void Worker::abort() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_) connection->abort();
  });
}

// Not later: the connection that comes in for it would wait here, too, and might be asked itself.
void Worker::make_room() {
  asio::dispatch(context_, [this] {
    if (IdleOrder::Place* place = idle_.first()) place->connection()->give_way();
  });
}

void Worker::join() {
  guard_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

Worker::Place Worker::enter(Connection& connection) { return connections_.insert(connections_.end(), &connection); }

void Worker::leave(Place place) { connections_.erase(place); }

}  // namespace tally::http
