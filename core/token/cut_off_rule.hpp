#pragma once

#include <optional>

#include "core/event/event.hpp"
#include "core/state/caller_rights.hpp"
#include "core/state/context.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"
#include "core/workspace/workspace_commands.hpp"

/// What the emergency cut-off means for one token. Pure.
namespace tally::core {

/// Whether the cut-off may have something to do for the token: it is active, or was stopped and its access tokens may
/// live that are to die.
bool is_cut_off(const TokenState& token, const DisableIssuedBefore& command, Timestamp now);

/// Its event, if any. A token that is disabled already may still have living access tokens.
std::optional<NewEvent> cut_off_event(const TokenState& token, const WorkspaceState& workspace,
                                      const CallerRights& caller, const CommandContext& context,
                                      const DisableIssuedBefore& command);

}  // namespace tally::core
