#pragma once

#include "core/base/result.hpp"
#include "core/identity/person_commands.hpp"
#include "tools/tallyd/backend.hpp"

namespace tally::tools {

/// Whether the ledger would take the command, without writing anything. Errors: as the command.
core::Result<core::RecoverOperator::Outcome> rehearse(const Backend::Unstarted& ledger, core::RecoverOperator command);

/// Does it. Errors: as the command and CommandService.
core::Result<core::RecoverOperator::Outcome> recover(Backend& backend, core::RecoverOperator command);

}  // namespace tally::tools
