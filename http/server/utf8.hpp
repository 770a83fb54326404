#pragma once

#include <cstddef>
#include <string_view>

namespace tally::http {

/// How many bytes the first character of `text` takes, or 0 if `text` is empty or does not begin with well-formed UTF-8
/// (overlong forms, surrogates and values over U+10FFFF are not). Source: Unicode 15, table 3-7; RFC 3629 §4.
std::size_t utf8_character_bytes(std::string_view text);

/// Whether all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace tally::http
