#include "tools/tallyd/issuer_guard.hpp"

#include "core/ledger/ledger_commands.hpp"
#include "http/commands/execute.hpp"
#include "projections/rows/issuer.hpp"
#include "tools/tallyd/backend.hpp"
#include "tools/tallyd/first_start.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

core::Result<std::string> check_issuer(const events::Reader& ledger, const Settings& settings) {
  TALLY_TRY_ASSIGN(std::string before, projections::load_issuer(ledger));
  const bool is_another = !before.empty() && !settings.issuer.empty() && before != settings.issuer;
  if (is_another && !settings.accepts_issuer_change) {
    return core::fail(core::Errc::bad_configuration,
                      "issuer: this ledger was given " + before + " before, and not " + settings.issuer +
                          ": live access tokens would die, and every API would have to be told. If that is meant: "
                          "--accept-issuer-change, once");
  }
  return before;
}

core::Result<void> keep_issuer(Backend& backend, const Settings& settings, const std::string& before) {
  if (settings.issuer.empty() || settings.issuer == before) return {};
  auto context = system_context(backend.clock, backend.random);
  const auto kept =
      http::execute_blocking(backend.commands, std::move(context), core::ChangeIssuer{settings.issuer, before});
  // Nothing is dated by such a clock; the next start writes it down.
  if (kept.has_error() && kept.error().code != core::Errc::clock_in_doubt) return kept.error();
  return {};
}

}  // namespace tally::tools
