#include "tools/tallyd/recovery.hpp"

#include <utility>

#include "http/commands/execute.hpp"
#include "projections/commands/commands.hpp"
#include "tools/tallyd/first_start.hpp"

namespace tally::tools {

core::Result<core::RecoverOperator::Outcome> rehearse(const Backend::Unstarted& ledger, core::RecoverOperator command) {
  const http::SystemClock clock;
  core::crypto::SystemRandom random;
  // Never committed: what it writes goes with it.
  events::Transaction transaction{ledger.store, ledger.head, ledger.projections};
  return projections::handle(transaction, system_context(clock, random), command);
}

core::Result<core::RecoverOperator::Outcome> recover(Backend& backend, core::RecoverOperator command) {
  auto context = system_context(backend.clock, backend.random);
  TALLY_TRY_ASSIGN(auto done, http::execute_blocking(backend.commands, std::move(context), std::move(command)));
  return std::move(done.outcome);
}

}  // namespace tally::tools
