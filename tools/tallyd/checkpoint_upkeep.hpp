#pragma once

#include "http/ledger/checkpointer.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/upkeep_thread.hpp"

namespace tally::tools {

/// Has a checkpoint signed each second while the ledger grows. A thread of its own, because it waits for the disk; a
/// failure is told by the checkpointer, and the next second tries again. Source: docs/adr/0037.
class CheckpointUpkeep {
 public:
  /// Lifetime: both outlive it.
  CheckpointUpkeep(http::Checkpointer& checkpointer, Log& log);
  /// Ends the thread.
  void stop() { thread_.stop(); }
  /// Once, on the calling thread; after stop(), when the writer has ended.
  void sign() { thread_.run_once(); }

 private:
  http::Checkpointer& checkpointer_;
  Log& log_;
  bool is_told_ = false;  // of whoever signs: a fault of ours stands in the log
  UpkeepThread thread_;
};

}  // namespace tally::tools
