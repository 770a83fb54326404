#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server/clock.hpp"
#include "tools/tallyd/clock_watch.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/room_watch.hpp"

namespace tally::tools {

struct Edge;

/// Looks at the clock each second. Hands the usage counts and the repeats of denied attempts to the writer now and
/// then, and what stopped tokens have left to be stopped, on the server's threads. Lifetime: the edge outlives it, and
/// the server's executor does.
class FlushTimer {
 public:
  FlushTimer(const boost::asio::any_io_executor& executor, Edge& edge, RoomWatch& room, const http::Clock& clock,
             ClockWatch& watch, Log& log)
      : timer_(executor), edge_(edge), room_(room), clock_(clock), watch_(watch), log_(log) {}

  void start();

 private:
  void look();

  boost::asio::steady_timer timer_;
  Edge& edge_;
  RoomWatch& room_;
  const http::Clock& clock_;
  ClockWatch& watch_;
  Log& log_;
  unsigned looks_ = 0;
};

}  // namespace tally::tools
