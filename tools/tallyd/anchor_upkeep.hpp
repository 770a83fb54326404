#pragma once

#include "events/rocks/anchor_file.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/upkeep_thread.hpp"

namespace tally::tools {

/// Brings the ledger's anchor to the disk each second, if it has changed. A thread of its own, because it waits for the
/// disk. Source: docs/adr/0058.
class AnchorUpkeep {
 public:
  /// Lifetime: both outlive it.
  AnchorUpkeep(events::AnchorFile& anchor, Log& log);
  /// Ends the thread; what was written last is durable.
  void stop();

 private:
  UpkeepThread thread_;
};

}  // namespace tally::tools
