#pragma once

#include <span>
#include <string_view>

namespace tally::http::pages {

/// One file of the web pages, in every form that it is sent in. The views point into the program and never end.
struct Asset {
  std::string_view path;  ///< Where it is served; kDocumentPath for the document that loads the others.
  std::string_view content_type;
  std::string_view hash;      ///< Of its bytes, in hexadecimal: what its entity tags are made of.
  std::string_view identity;  ///< As it is.
  std::string_view gzip;      ///< RFC 1952. Empty: not worth it.
  std::string_view brotli;    ///< RFC 7932. Empty: not worth it.
};

inline constexpr std::string_view kDocumentPath = "/app";

/// What http/pages/build.mjs has made; empty if the server was built without the pages (TALLY_PAGES=OFF).
std::span<const Asset> embedded_assets();

}  // namespace tally::http::pages
