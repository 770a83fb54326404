#pragma once

#include <list>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server/idle_order.hpp"
#include "http/server/request_identity.hpp"
#include "http/server/response_head.hpp"
#include "http/server/surroundings.hpp"

namespace tally::http {

class Connection;

/// One I/O thread with its own io_context and its own connections: a connection never leaves its thread, so that
/// nothing in it needs a lock. Deadlines are looked at by one timer for all connections instead of one timer each,
/// which would cost two changes of a timer queue per request.
class Worker {
 public:
  /// Lifetime: `surroundings` outlives the worker.
  explicit Worker(Surroundings& surroundings);

  void start();
  // Threads: any.
  /// Closes connections that wait for a request, and lets the others finish theirs.
  void drain();
  /// Closes every connection, whatever it does.
  void abort();
  /// One connection that waits for a request gives way, if there still is one when it comes to that.
  void make_room();
  /// As IdleOrder::rank().
  [[nodiscard]] std::size_t idle_rank() const { return idle_.rank(); }
  /// Ends the thread. Not from it.
  void join();
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  // Threads: the worker's own.
  using Place = std::list<Connection*>::iterator;
  Place enter(Connection& connection);
  void leave(Place place);
  /// A connection has something to do: told to the options' on_turn, unless it knows.
  void has_work();
  [[nodiscard]] IdleOrder& idle() { return idle_; }
  [[nodiscard]] DateLine& date_line() { return date_line_; }
  [[nodiscard]] RequestIds& request_ids() { return request_ids_; }

 private:
  void run();
  void rest();
  static boost::asio::awaitable<void> watch_deadlines(Worker* worker);

  Surroundings& surroundings_;
  DateLine date_line_;
  RequestIds request_ids_;
  std::list<Connection*> connections_;
  IdleOrder idle_;
  bool is_busy_ = false;  // on_turn was told so
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer deadline_timer_;
  std::thread thread_;
};

}  // namespace tally::http
