#pragma once

#include "core/base/random.hpp"
#include "http/ledger/checkpointer.hpp"
#include "tools/tallyd/backend.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/scrub.hpp"
#include "tools/tallyd/upkeep_thread.hpp"

namespace tally::tools {

/// Has the whole ledger verified each so many days, and within an hour after each start. A thread of its own, that runs
/// behind all others.
class ScrubUpkeep {
 public:
  /// `days`: at least 1. Lifetime: all of them outlive it.
  ScrubUpkeep(Backend& backend, http::Checkpointer& checkpointer, LedgerHealth& health, unsigned days, Log& log);
  /// Ends the thread, and a run that is under way. While the writer still runs, for it may wait for that.
  void stop() { thread_.stop(); }

 private:
  void look();

  Log& log_;
  Scrub scrub_;
  ScrubPlan plan_;          // of the thread
  bool runs_last_ = false;  // of the thread
  UpkeepThread thread_;
};

}  // namespace tally::tools
