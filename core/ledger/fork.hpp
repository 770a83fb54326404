#pragma once

#include <cstdint>
#include <span>

#include "core/event/ledger_events.hpp"
#include "core/ledger/commitment.hpp"

namespace tally::core {

/// What somebody is known to have seen of a ledger.
struct KnownOfLedger {
  Commitment commitment;
  bool is_contained = false;  ///< The ledger that was found begins with it.
};

/// How history goes on from a ledger that was found: as it was, if it contains all that is known of it; otherwise it
/// forks, because what comes next would contradict what was told. `is_more_lost`: more may be known than is given, as
/// where the checkpoint is gone. `forks`: the number of the last fork, 0 for none. Source: docs/adr/0060.
Fork decide_fork(std::span<const KnownOfLedger> known, bool is_more_lost, std::uint32_t forks);

}  // namespace tally::core
