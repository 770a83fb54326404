#pragma once

#include <string_view>

#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// A file that is built into the program, in every form that it is sent in. The views point into the program and never
/// end.
struct EmbeddedFile {
  std::string_view content_type;
  std::string_view hash;      ///< Of its bytes, in hexadecimal: what its entity tags are made of.
  std::string_view identity;  ///< As it is.
  std::string_view gzip;      ///< RFC 1952. Empty: not worth it, or not made.
  std::string_view brotli;    ///< RFC 7932. Empty: not worth it, or not made.
};

/// Answers with the file in the coding that the client likes best, or with 304, and says ETag and Vary. How long it may
/// be kept is the caller's to say. Threads: any.
void send_embedded(const EmbeddedFile& file, const Request& request, Response& response);

}  // namespace tally::http
