#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/ledger/checkpointer.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Has a checkpoint signed each second while the ledger grows. A thread of its own, because it waits for the disk; a
/// failure is told by the checkpointer, and the next second tries again. Source: docs/adr/0079.
class CheckpointUpkeep {
 public:
  /// Lifetime: both outlive it.
  CheckpointUpkeep(http::Checkpointer& checkpointer, Log& log);
  /// stop().
  ~CheckpointUpkeep();
  CheckpointUpkeep(const CheckpointUpkeep&) = delete;
  CheckpointUpkeep& operator=(const CheckpointUpkeep&) = delete;

  /// Ends the thread.
  void stop();
  /// Once, on the calling thread; after stop(), when the writer has ended.
  void sign();

 private:
  void run();

  http::Checkpointer& checkpointer_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  bool is_told_ = false;   // of whoever signs: a fault of ours stands in the log
  std::thread thread_;
};

}  // namespace tally::tools
