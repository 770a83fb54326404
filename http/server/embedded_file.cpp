#include "http/server/embedded_file.hpp"

#include <string>

#include "core/base/check.hpp"
#include "http/server/content_negotiation.hpp"

namespace tally::http {
namespace {

/// A representation of its own has an entity tag of its own. Source: RFC 9110 §8.8.3.3.
std::string entity_tag_of(const EmbeddedFile& file, Coding coding) {
  std::string tag{"\""};
  tag += file.hash;
  switch (coding) {
    case Coding::identity:
      break;
    case Coding::gzip:
      tag += "-gzip";
      break;
    case Coding::brotli:
      tag += "-br";
      break;
  }
  return tag += '"';
}

std::string_view bytes_of(const EmbeddedFile& file, Coding coding) {
  switch (coding) {
    case Coding::identity:
      return file.identity;
    case Coding::gzip:
      return file.gzip;
    case Coding::brotli:
      return file.brotli;
  }
  core::check_failed("a known Coding", __FILE__, __LINE__, std::to_string(static_cast<int>(coding)));
}

}  // namespace

void send_embedded(const EmbeddedFile& file, const Request& request, Response& response) {
  const Offered offered{!file.gzip.empty(), !file.brotli.empty()};
  const Coding coding = choose_coding(request.header("Accept-Encoding"), offered);
  const std::string entity_tag = entity_tag_of(file, coding);
  if (matches_entity_tag(request.header("If-None-Match").value_or(""), entity_tag)) {
    response.empty(304);
  } else {
    response.start(200, file.content_type);
    if (coding == Coding::gzip) response.set("Content-Encoding", "gzip");
    if (coding == Coding::brotli) response.set("Content-Encoding", "br");
    response.body() += bytes_of(file, coding);
  }
  response.set("ETag", entity_tag);
  response.set("Vary", "Accept-Encoding");
}

}  // namespace tally::http
