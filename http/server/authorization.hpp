#pragma once

#include <optional>
#include <string_view>

namespace tally::http {

/// What follows the scheme in the value of an Authorization field, if it is of that scheme, in any case: `Bearer abc`.
/// One blank or more separate the two. Empty optional: another scheme, or nothing follows. Source: RFC 9110 §11.4.
std::optional<std::string_view> credentials_of(std::string_view authorization, std::string_view scheme);

/// True if the value of an Authorization field is of that scheme, in any case.
bool is_of_scheme(std::string_view authorization, std::string_view scheme);

}  // namespace tally::http
