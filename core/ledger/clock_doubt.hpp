#pragma once

#include <cstdint>

#include "core/base/time.hpp"

/// Whether a machine's clock may date anything. Pure. Source: docs/adr/0034.
namespace tally::core {

/// Two clocks read at one moment: the wall clock, which people and programs set, and one that only runs.
struct ClockReading {
  Timestamp wall;
  Duration since_boot{};  ///< CLOCK_BOOTTIME: runs while the machine sleeps, and nobody can set it.
};

/// Why nothing may be dated.
enum class ClockDoubt : std::uint8_t {
  none = 0,
  behind_newest = 1,  ///< The wall clock says less than the ledger's newest event: one of the two is wrong.
  jumped = 2,         ///< The wall clock went another way than the time since the boot: it was set, or is broken.
};
const char* name_of(ClockDoubt doubt);

/// Looks at readings, one after the other. Up to kClockTolerance is no doubt, and never adds up: as long as there is
/// none, each reading is what the next is held against. In doubt the last good one stays, until the clock is where it
/// would be without the jump. Only of a clock that was behind the newest event from the beginning there is no good
/// reading: it is good as soon as it is behind no more.
class ClockJudge {
 public:
  /// `first` is held against nothing but the newest event.
  explicit ClockJudge(ClockReading first) : good_(first) {}

  /// `newest`: of the ledger's last event.
  ClockDoubt look(ClockReading reading, Timestamp newest);
  /// Of the last look.
  [[nodiscard]] ClockDoubt doubt() const { return doubt_; }
  /// What the wall clock would say now if it had gone on from the last good reading.
  [[nodiscard]] Timestamp expected(Duration since_boot) const { return good_.wall + (since_boot - good_.since_boot); }

 private:
  ClockReading good_;
  ClockDoubt doubt_ = ClockDoubt::none;
  bool was_good_ = false;      ///< At some look: `good_` is one that was, and not only the first.
  bool began_behind_ = false;  ///< No look was good yet, and one was behind the newest event.
};

}  // namespace tally::core
