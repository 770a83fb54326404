#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/state/context.hpp"
#include "events/store/store.hpp"
#include "http/server/clock.hpp"

namespace tally::projections {
class CommandService;
}

namespace tally::tools {

/// The context of what the server does by itself.
core::CommandContext system_context(const http::Clock& clock, core::RandomSource& random);

/// Shows a made-up password to whoever starts the server. Errors: io_failed (nobody can have seen it).
using ShowPassword = std::function<core::Result<void>(const core::SecretText&)>;

/// What became of the operator's password that the settings give.
enum class GivenPassword : std::uint8_t {
  none,      ///< There is none.
  used,      ///< It made the first person.
  current,   ///< The ledger's operator has it.
  not_used,  ///< The ledger has people, and the break-glass account `operator` another password, or is not there.
};

/// Creates the person `operator` in a ledger that holds nobody, with the password that is given or one that is made up
/// and shown, before: whoever was not shown it has no ledger with somebody in it. Errors: as CommandService and `show`.
core::Result<GivenPassword> prepare_operator(const events::Store& store, projections::CommandService& commands,
                                             const std::optional<core::SecretText>& password, const ShowPassword& show,
                                             const http::Clock& clock, core::RandomSource& random);

}  // namespace tally::tools
