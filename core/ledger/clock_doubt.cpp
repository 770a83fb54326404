#include "core/ledger/clock_doubt.hpp"

#include "core/base/check.hpp"

namespace tally::core {

const char* name_of(ClockDoubt doubt) {
  switch (doubt) {
    case ClockDoubt::none:
      return "none";
    case ClockDoubt::behind_newest:
      return "behind_newest";
    case ClockDoubt::jumped:
      return "jumped";
  }
  check_failed("a known ClockDoubt", __FILE__, __LINE__, std::to_string(static_cast<int>(doubt)));
}

ClockDoubt ClockJudge::look(ClockReading reading, Timestamp newest) {
  const Timestamp expected_now = expected(reading.since_boot);
  const bool is_behind = lies_ahead(newest, reading.wall);
  const bool has_jumped = lies_ahead(expected_now, reading.wall) || lies_ahead(reading.wall, expected_now);
  if (is_behind) {
    doubt_ = ClockDoubt::behind_newest;
    began_behind_ = began_behind_ || !was_good_;
  } else if (has_jumped && !began_behind_) {
    doubt_ = ClockDoubt::jumped;
  } else {
    // Whoever sets a clock right that was behind from the beginning makes it jump, and no reading says how far.
    doubt_ = ClockDoubt::none;
    began_behind_ = false;
    was_good_ = true;
    good_ = reading;
  }
  return doubt_;
}

}  // namespace tally::core
