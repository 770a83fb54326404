#pragma once

#include <string>
#include <utility>

#include "events/log/log.hpp"

namespace tally::projections {

/// The event that an index names. `bytes_read`, if given, grows by what it takes in the log. Errors: corrupt, also
/// where the log has none; io_failed.
inline core::Result<core::Event> indexed_event(const events::Reader& reader, core::Sequence sequence,
                                               std::size_t* bytes_read = nullptr) {
  TALLY_TRY_ASSIGN(auto event, events::read_event(reader, sequence, bytes_read));
  if (!event) return core::fail(core::Errc::corrupt, "an index names event " + std::to_string(sequence.value));
  return std::move(*event);
}

}  // namespace tally::projections
