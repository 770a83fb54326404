#pragma once

#include <cstdint>
#include <functional>

#include <boost/asio/steady_timer.hpp>

#include "http/server/server.hpp"

namespace tally::tools {

/// When memory that was freed is to go back to the system: after much was freed, and not again at once. Threads: one.
class FreedMemory {
 public:
  static constexpr std::uint64_t kBytesMin = 8 << 20;  ///< Since the last time.
  static constexpr unsigned kLooksMin = 5;             ///< Since the last time.

  /// `bytes`: freed since the start. True: now; the count begins anew.
  bool is_due(std::uint64_t bytes);

 private:
  std::uint64_t before_ = 0;
  unsigned looks_ = 0;
};

/// The allocator keeps what threads free for their next use, and looks at it again only when they ask for more: after a
/// peak nobody does, and it would stay for ever. So the server's threads are told, each by itself, to give it back. It
/// costs each about a millisecond, and the page faults of what it takes anew. Lifetime: the server outlives it.
class MemoryUpkeep {
 public:
  /// `give_back`: what a thread does about its own; empty: nothing.
  MemoryUpkeep(http::Server& server, std::function<void()> give_back);
  /// Looks every two seconds from now on, on the server's threads. Threads: once, any.
  void start();

 private:
  http::Server& server_;
  const std::function<void()> give_back_;
  boost::asio::steady_timer timer_;
  FreedMemory freed_;
};

}  // namespace tally::tools
