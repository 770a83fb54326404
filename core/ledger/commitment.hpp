#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/ledger/checkpoint.hpp"

namespace tally::core {

/// Somebody's word for what a ledger held: a checkpoint's, a kept note's, the ledger's own.
struct Commitment {
  std::string by;  ///< For people: "checkpoint".
  TreeHead tree;
  std::optional<Timestamp> at = {};  ///< When it was signed, as far as that is known.
};

/// `checkpoint signed 12 at 2026-11-01T09:00:00.000000Z`.
std::string told(const Commitment& commitment);

/// Whether a ledger that holds `events` can hold what others have signed of it. Errors: corrupt; the detail names the
/// first event that is missing, and everybody who has signed more.
Result<void> check_holds(std::uint64_t events, std::span<const Commitment> signed_by);

}  // namespace tally::core
