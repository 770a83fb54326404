#include "http/tokens/status_index.hpp"

#include <charconv>

#include "http/server/limits.hpp"

namespace tally::http {

std::string status_list_uri(std::string_view issuer, std::string_view number) {
  return std::string{issuer}.append("/oauth2/status/").append(number);
}

std::optional<std::uint64_t> parse_status_list(std::string_view number) {
  std::uint64_t list = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), list);
  const bool is_whole = failed == std::errc{} && end == number.data() + number.size();
  if (!is_whole || (number.size() > 1 && number.front() == '0')) return std::nullopt;
  if (list >= UINT64_MAX / limits::kTokensPerStatusList) return std::nullopt;
  return list;
}

}  // namespace tally::http
