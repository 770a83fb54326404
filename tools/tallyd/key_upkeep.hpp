#pragma once

#include "core/base/random.hpp"
#include "http/server/clock.hpp"
#include "http/tokens/key_rotation.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/upkeep_thread.hpp"

namespace tally::tools {

/// Retires signing keys when nothing that they have signed is alive any more. A thread of its own, because it waits for
/// the writer; it wakes once a minute.
class KeyUpkeep {
 public:
  /// Lifetime: all of them outlive it.
  KeyUpkeep(http::KeyRotation& rotation, const http::Clock& clock, core::RandomSource& random, Log& log);
  /// Ends the thread. While the writer still runs, for it may wait for that.
  void stop() { thread_.stop(); }

 private:
  void retire_expired();

  http::KeyRotation& rotation_;
  const http::Clock& clock_;
  core::RandomSource& random_;
  Log& log_;
  UpkeepThread thread_;
};

}  // namespace tally::tools
