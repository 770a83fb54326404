#pragma once

#include "core/base/bytes.hpp"
#include "core/event/event.hpp"
#include "projections/verify/findings.hpp"

namespace tally::projections {

/// An event as the walk meets it.
struct MetEvent {
  core::Sequence place;                ///< Where it stands.
  const core::Digest& leaf;            ///< Of its bytes.
  const core::Event* event = nullptr;  ///< Null: its bytes are no event, or one of another place; that is told already.
};

/// One thing that is held against every event of a log, in order. Missing events are not met. Threads: one.
class LogCheck {
 public:
  LogCheck() = default;
  LogCheck(const LogCheck&) = delete;
  LogCheck& operator=(const LogCheck&) = delete;
  virtual ~LogCheck() = default;
  virtual void meet(const MetEvent& met, Findings& findings) = 0;
  /// After the last event. `size`: one more than its place, or 0.
  virtual void end(std::uint64_t size, Findings& findings) = 0;
  /// Holds no cursor until the next event.
  virtual void rest() {}
};

}  // namespace tally::projections
