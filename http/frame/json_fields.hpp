#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "http/frame/json_reader.hpp"

namespace tally::http {

/// U+FEFF in UTF-8.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The fields of a JSON object, in order; a name that comes again is marked and its later values dropped. What is
/// deeper than a list of texts is skipped and marked as such. A byte order mark in front is passed over. Never throws.
/// Errors: malformed (not JSON, invalid UTF-8, deeper than kJsonDepthMax, more than kJsonFieldsMax fields, not an
/// object). The one file that knows the JSON library's parser.
core::Result<std::vector<JsonReader::Field>> parse_json_fields(std::string_view json);

}  // namespace tally::http
