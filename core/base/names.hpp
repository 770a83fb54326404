#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

/// Texts that people type and others read.
namespace tally::core {

/// A name as it is stored: without Unicode white space at both ends, in Normalization Form C, of 1 to
/// kNameCharactersMax code points, with at least one that can be seen and none that is a control. U+200E, U+200F and
/// U+061C are taken where right-to-left letters are, too: elsewhere they only make two names look alike. Asked of what
/// is typed, never of what an event says. Errors: invalid_argument(field).
Result<std::string> normalize_name(std::string_view field, std::string_view text);
/// Errors: invalid_argument(field): not an absolute URI of printable ASCII without a fragment, or over
/// kResourceBytesMax. Source: RFC 8707 §2, RFC 3986 §4.3.
Result<void> check_resource(std::string_view field, std::string_view uri);
/// A password as it is hashed: in Normalization Form C, of kPasswordBytesMin to kPasswordBytesMax bytes. Errors:
/// invalid_argument(field). Source: NIST SP 800-63B §5.1.1.2.
Result<SecretText> normalize_password(std::string_view field, const SecretText& typed);
/// As normalize_name, but may be empty and has kReasonCharactersMax.
Result<std::string> normalize_reason(std::string_view field, std::string_view text);

}  // namespace tally::core
