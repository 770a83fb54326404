#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

/// Texts that people type and others read.
namespace tally::core {

/// Trims Unicode white space at both ends and checks the length (in code points), UTF-8 form and the absence of control
/// characters. Errors: invalid_argument(field).
Result<std::string> normalize_name(std::string_view field, std::string_view text);
/// As normalize_name, but may be empty and has kReasonCharactersMax.
Result<std::string> normalize_reason(std::string_view field, std::string_view text);

}  // namespace tally::core
