#pragma once

#include <optional>

#include "core/state/token.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "events/store/store.hpp"
#include "projections/rows/cut_off_look.hpp"

/// The tokens that an emergency cut-off looks at, in the order of their ids. Errors: corrupt, io_failed.
namespace tally::projections {

/// Their rows: of the family token, or token_by_owner where the command names an owner.
events::Family cut_off_family(const core::DisableIssuedBefore& command);
events::ScanRange cut_off_range(const core::DisableIssuedBefore& command);
/// The token under a cursor over them.
core::Result<core::TokenState> cut_off_token_at(const events::Reader& reader, const events::Cursor& cursor,
                                                const core::DisableIssuedBefore& command);

/// Looks for the first token that the command would do something for, at no more than its bounds' rows: on a snapshot,
/// so that the writer does not walk over the dead.
core::Result<CutOffLook> look_for_cut_off(const events::Reader& reader, const core::DisableIssuedBefore& command,
                                          core::Timestamp now);

}  // namespace tally::projections
