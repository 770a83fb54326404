#include "http/server/authorization.hpp"

#include <algorithm>

namespace tally::http {
namespace {

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

}  // namespace

std::optional<std::string_view> credentials_of(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return std::nullopt;
  const bool is_it = std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                                [](char left, char right) { return lower(left) == lower(right); });
  if (!is_it) return std::nullopt;
  const std::size_t begin = authorization.find_first_not_of(' ', scheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  return authorization.substr(begin);
}

bool is_of_scheme(std::string_view authorization, std::string_view scheme) {
  return credentials_of(authorization, scheme).has_value();
}

}  // namespace tally::http
