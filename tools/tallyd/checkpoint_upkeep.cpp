#include "tools/tallyd/checkpoint_upkeep.hpp"

#include <utility>

#include "http/server/limits.hpp"

namespace tally::tools {

CheckpointUpkeep::CheckpointUpkeep(http::Checkpointer& checkpointer, Log& log)
    : checkpointer_(checkpointer),
      log_(log),
      // It writes nothing to the ledger. The checkpointer has told of a failure.
      thread_(
          http::limits::kCheckpointPause, UpkeepThread::First::after_the_pause,
          [this] {
            static_cast<void>(checkpointer_.follow());
            is_told_ = false;
          },
          [this](const char* what) {
            if (std::exchange(is_told_, true)) return;
            log_.error("no new checkpoint could be made", {{"detail", what}});
          }) {}

}  // namespace tally::tools
