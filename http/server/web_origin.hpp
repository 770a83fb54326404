#pragma once

#include <string>
#include <string_view>

namespace tally::http {

/// The URL with its scheme and host in small letters, and without its scheme's default port: two that differ in these
/// only name the same place. The rest stays as it is, and so does what is no URL. Source: RFC 3986 §6.2.2.1, §6.2.3.
std::string with_normal_origin(std::string_view url);

/// Scheme, host and port of a URL in that form, as browsers send them in Origin. Source: RFC 6454 §6.2.
std::string origin_of(std::string_view url);

/// What follows the origin: empty, or a path that begins with a slash.
std::string_view path_of_url(std::string_view url);

}  // namespace tally::http
