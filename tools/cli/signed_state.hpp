#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "events/store/store.hpp"
#include "projections/verify/findings.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// Whether `checkpoint` is in the data folder, or need not be, as check_unsigned() says. Errors: damaged, unreachable.
Attempt<void> check_checkpoint_is_there(const events::Reader& ledger, const std::string& data_dir);

/// What findings mean for whoever called `tally`.
Failure failure_of(const projections::Findings& findings, std::string message);

/// Verifies the whole log as projections::verify_log() does, against the ledger's head and against `checkpoint` in the
/// data folder, if it is and need be there: the number of events that it was signed for. The signature
/// is not checked, because its key is wrapped; a start of tallyd and `tally verify` do. Errors: damaged (the first
/// finding), later_release, unreachable.
Attempt<std::optional<std::uint64_t>> check_signed_state(const events::Store& store, const std::string& data_dir);

}  // namespace tally::tools
