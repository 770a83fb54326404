#pragma once

#include <memory>
#include <vector>

#include "core/base/result.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// What can still be read of a ledger whose rows may be damaged or gone.
struct Salvage {
  std::unique_ptr<Reader> reader;  ///< Of `families` and of no others (checked).
  std::vector<Family> families;    ///< The log at least; where they can be opened, meta, and what no log can give back.
};

/// Opens a ledger for reading, and leaves it as it is. Families that the log gives back are not looked at, so that
/// nothing hangs on their files. Of `options`, the folder counts, `admit` where meta can be read, and `anchor` if
/// its file is there, for the log. Errors: locked, corrupt (the log itself, or the anchor), io_failed, and admit's.
core::Result<Salvage> open_rocks_salvage(const RocksOptions& options);

}  // namespace tally::events
