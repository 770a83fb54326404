#include "http/server/web_origin.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace tally::http {
namespace {

/// How long scheme, host and port are; 0 if it is no URL.
std::size_t origin_bytes_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return 0;
  return std::min(url.find_first_of("/?#", scheme_end + 3), url.size());
}

}  // namespace

std::string origin_of(std::string_view url) {
  std::string origin = core::ascii::small_letters(url.substr(0, origin_bytes_of(url)));
  for (const auto& [scheme, port] : {std::pair{"https://", ":443"}, std::pair{"http://", ":80"}}) {
    if (origin.starts_with(scheme) && origin.ends_with(port)) origin.resize(origin.rfind(':'));
  }
  return origin;
}

std::string_view path_of_url(std::string_view url) { return url.substr(origin_bytes_of(url)); }

std::string with_normal_origin(std::string_view url) { return origin_of(url).append(path_of_url(url)); }

}  // namespace tally::http
