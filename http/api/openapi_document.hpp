#pragma once

#include <string_view>

namespace tally::http::api {

/// openapi.json, as it lies in the tree: built into the library by http/api/embed.cmake.
std::string_view openapi_document();

}  // namespace tally::http::api
