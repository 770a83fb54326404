#pragma once

#include <optional>
#include <string>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "tools/base/private_file.hpp"

/// Where an operator's password comes from when nobody types it.
namespace tally::tools {

/// 144 random bits in base64url.
core::SecretText make_up_password(core::RandomSource& random);

/// The file without its last line end. Errors: bad_configuration (length, no such file, read by others than `readers`,
/// not readable); the detail begins with `setting`.
core::Result<core::SecretText> read_password_file(const std::string& setting, const std::string& file, Readers readers);

/// The operator's password as the settings give it: from the environment's value, or the file; both at once is a
/// mistake. `readers`: of the file. Errors: bad_configuration.
core::Result<std::optional<core::SecretText>> choose_operator_password(std::optional<core::SecretText> from_environment,
                                                                       const std::string& file, Readers readers);

}  // namespace tally::tools
