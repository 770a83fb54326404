#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/verify/log_check.hpp"

namespace tally::projections {

struct WalkedLog {
  std::uint64_t events = 0;  ///< That are there.
  std::uint64_t size = 0;    ///< One more than the place of the last, or 0.
};

/// Shows every event of a log to every check, in order. What is missing, can not be read, is no event or says that it
/// is another is told here, and the walk goes on behind it. One thread reads and hashes, this one decodes. In memory
/// are a few thousand events. Errors: io_failed, stopping.
core::Result<WalkedLog> walk_log(const events::Reader& reader, std::span<LogCheck* const> checks, Findings& findings,
                                 const std::function<void(std::uint64_t events)>& on_progress);

/// The same in steps, on one thread, for a log that is written meanwhile. Lifetime: all outlive it.
class LogWalk {
 public:
  /// Events from `until` on are left alone.
  LogWalk(const events::Reader& reader, std::uint64_t until, std::span<LogCheck* const> checks, Findings& findings);
  ~LogWalk();
  LogWalk(const LogWalk&) = delete;
  LogWalk& operator=(const LogWalk&) = delete;

  /// The next events, a few hundred or about a mebibyte. False: there are no more. In between nothing of the reader is
  /// held. Errors: io_failed, stopping.
  core::Result<bool> step();
  /// After the last step. Once.
  WalkedLog end();

 private:
  struct Parts;
  const std::span<LogCheck* const> checks_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tally::projections
