#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// The state of a ledger as it stood, in JSON: the moment, people, and every workspace with its policy, members and
/// tokens (deleted ones are in no list). Errors: damaged, refused (no such event).
Attempt<std::string> view_ledger_as_of(const events::Store& store, const projections::Until& until);

}  // namespace tally::tools
