#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "core/base/random.hpp"
#include "http/server/buffer_budget.hpp"
#include "http/server/clock.hpp"
#include "http/server/connection_count.hpp"
#include "http/server/router.hpp"
#include "http/server/server.hpp"
#include "http/server/turn_pool.hpp"

namespace tally::http {

/// What every connection of a server needs. Constant after construction but for what guards itself.
struct Surroundings {
  const ServerOptions& options;
  const Router& router;
  const Clock& clock;
  core::RandomSource& random;
  TurnPool& short_reads;
  TurnPool& long_reads;
  const std::uint64_t seed;  ///< Of tables whose keys strangers choose.
  ConnectionCount connections;
  BufferBudget bodies;   ///< Of requests, while they are read and served.
  BufferBudget answers;  ///< That their peers do not take.
  std::atomic<bool> draining = false;
  std::atomic<bool> gives_up = false;  ///< The drain is over: what still reads ends.
  ServerCounters counters = {};

  /// Counts and tells. `request_id`: empty if it was no request.
  void tell_fault(std::string_view request_id, std::string_view what) {
    counters.internal_errors.fetch_add(1, std::memory_order_relaxed);
    if (options.on_fault) options.on_fault(request_id, what);
  }
};

}  // namespace tally::http
