#include "tools/tallyd/checkpoint_upkeep.hpp"

#include <exception>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"

namespace tally::tools {

CheckpointUpkeep::CheckpointUpkeep(http::Checkpointer& checkpointer, Log& log)
    : checkpointer_(checkpointer), log_(log), thread_([this] { run(); }) {}

CheckpointUpkeep::~CheckpointUpkeep() { stop(); }

void CheckpointUpkeep::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CheckpointUpkeep::run() {
  std::unique_lock lock{mutex_};
  while (!stopped_.wait_for(lock, core::limits::kCheckpointPause, [this] { return stopping_; })) {
    lock.unlock();
    sign();
    lock.lock();
  }
}

void CheckpointUpkeep::sign() {
  // What it reads may be damaged; it writes nothing to the ledger.
  try {
    const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
    // The checkpointer has told of a failure.
    static_cast<void>(checkpointer_.follow());
    is_told_ = false;
  } catch (const std::exception& exception) {
    if (std::exchange(is_told_, true)) return;
    log_.error("no new checkpoint could be made", {{"detail", exception.what()}});
  }
}

}  // namespace tally::tools
