#pragma once

#include <span>
#include <string_view>

#include "http/server/embedded_file.hpp"

namespace tally::http {

/// One file of the web pages.
struct Asset {
  std::string_view path;  ///< Where it is served; kDocumentPath for the document that loads the others.
  EmbeddedFile file;
};

inline constexpr std::string_view kDocumentPath = "/app";

/// What http/pages/build.mjs has made; empty if the server was built without the pages (TALLY_PAGES=OFF).
std::span<const Asset> embedded_assets();

}  // namespace tally::http
