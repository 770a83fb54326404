#pragma once

#include <string>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace tally::tools {

/// The key that seals what the server keeps of its own answers (http/api/answer_seal.hpp): DIR/keys/answers.key, mode
/// 0600, made if it is missing. Without it the answers kept before can not be given again, and nothing else is lost.
/// The folder DIR/keys must be there. Errors: io_failed, no_space, malformed (the file holds no key).
core::Result<core::SecretText> load_answer_key(const std::string& data_dir, core::RandomSource& random);

}  // namespace tally::tools
