#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

/// Texts that people type and others read.
namespace tally::core {

/// Trims Unicode white space at both ends and checks the length (in code points), UTF-8 form and the absence of control
/// characters. Errors: invalid_argument(field).
Result<std::string> normalize_name(std::string_view field, std::string_view text);
/// Errors: invalid_argument(field): not an absolute URI of printable ASCII without a fragment, or over
/// kResourceBytesMax. Source: RFC 8707 §2, RFC 3986 §4.3.
Result<void> check_resource(std::string_view field, std::string_view uri);
/// As normalize_name, but may be empty and has kReasonCharactersMax.
Result<std::string> normalize_reason(std::string_view field, std::string_view text);

}  // namespace tally::core
