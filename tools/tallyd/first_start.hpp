#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "events/store.hpp"
#include "http/server/clock.hpp"
#include "projections/commands.hpp"

namespace tally::tools {

/// The context of what the server does by itself.
core::CommandContext system_context(const http::Clock& clock, core::RandomSource& random);

/// Creates the person `operator` in a ledger that holds nobody. Answers the password that it made up, if it did:
/// whoever starts the server must show it once. Errors: as CommandService.
core::Result<std::optional<core::SecretText>> prepare_operator(const events::Store& store,
                                                               projections::CommandService& commands,
                                                               const std::optional<core::SecretText>& password,
                                                               const http::Clock& clock, core::RandomSource& random);

/// The operator's password as the settings give it: from the environment's value, or the file without its last line
/// end; both at once is a mistake. Errors: bad_configuration (length, both, no such file), io_failed.
core::Result<std::optional<core::SecretText>> choose_operator_password(std::optional<core::SecretText> from_environment,
                                                                       const std::string& file);

}  // namespace tally::tools
