#include "http/server/authorization.hpp"

#include "core/base/ascii.hpp"

namespace tally::http {

std::optional<std::string_view> credentials_of(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return std::nullopt;
  if (!core::ascii::equal_without_case(authorization.substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::size_t begin = authorization.find_first_not_of(' ', scheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  return authorization.substr(begin);
}

bool is_of_scheme(std::string_view authorization, std::string_view scheme) {
  return credentials_of(authorization, scheme).has_value();
}

}  // namespace tally::http
