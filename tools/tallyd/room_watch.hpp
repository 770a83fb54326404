#pragma once

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Tells in the log when the ledger's disk is nearly full, and when there is room again. Lifetime: store and log
/// outlive it.
class RoomWatch {
 public:
  RoomWatch(const events::Store& store, Log& log) : store_(store), log_(log) {}

  /// One line for each change. Threads: one at a time.
  void look();
  /// Errors: no_space. Threads: any.
  [[nodiscard]] core::Result<void> readiness() const;

 private:
  const events::Store& store_;
  Log& log_;
  events::Room told_ = events::Room::ample;
};

}  // namespace tally::tools
