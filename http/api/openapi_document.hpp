#pragma once

#include <string_view>

#include "http/server/embedded_file.hpp"

namespace tally::http {

/// The OpenAPI document, as it is sent: tools/openapi.py puts it together of http/*/*.openapi.json and builds it in.
const EmbeddedFile& openapi_file();

/// The same as text, which is compact JSON.
inline std::string_view openapi_document() { return openapi_file().identity; }

}  // namespace tally::http
