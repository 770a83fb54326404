#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/ledger/checkpoint.hpp"

namespace tally::core {

/// Somebody's word for what a ledger held.
struct Commitment {
  enum class Kind : std::uint8_t {
    checkpoint,  ///< The folder's own.
    note,        ///< One that was kept elsewhere.
    anchor,      ///< What nobody has signed.
  };
  std::string by;  ///< For people: "checkpoint".
  TreeHead tree;
  std::optional<Timestamp> at = {};  ///< When it was signed, as far as that is known; of an anchor, its last event's.
  Kind kind = Kind::note;
};

/// `checkpoint signed 12 at 2026-11-01T09:00:00.000000Z`, `anchor 12 at …`.
std::string told(const Commitment& commitment);

/// Whether a ledger that holds `events` can hold what others have signed of it. Errors: corrupt; the detail names the
/// first event that is missing, and everybody who has signed more.
Result<void> check_holds(std::uint64_t events, std::span<const Commitment> signed_by);

}  // namespace tally::core
