#include "http/frame/exact_number.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace tally::http {
namespace {

constexpr std::int64_t kExponentMax = 1'000'000'000;  // Far beyond the digits that a body has room for.

/// `+12`, `-3`, `4`; empty is 0. Not exact beyond kExponentMax, either way.
std::int64_t exponent_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char digit : text) value = std::min(value * 10 + (digit - '0'), kExponentMax);
  return is_negative ? -value : value;
}

}  // namespace

std::optional<std::int64_t> whole_number_of(std::string_view number) {
  using Limits = std::numeric_limits<std::int64_t>;
  const bool is_negative = number.starts_with('-');
  if (is_negative) number.remove_prefix(1);
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view decimal = number.substr(0, mark);
  std::int64_t exponent = mark < number.size() ? exponent_of(number.substr(mark + 1)) : 0;
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  std::string digits{decimal.substr(0, point)};
  if (point < decimal.size()) {
    digits += decimal.substr(point + 1);
    exponent -= static_cast<std::int64_t>(decimal.size() - point - 1);
  }
  // Now digits times ten to the exponent, without zeros at either end.
  const std::size_t last = digits.find_last_not_of('0');
  if (last == std::string::npos) return 0;
  exponent += static_cast<std::int64_t>(digits.size() - last - 1);
  digits.resize(last + 1);
  digits.erase(0, digits.find_first_not_of('0'));
  if (exponent < 0) return std::nullopt;
  const std::int64_t beyond = is_negative ? Limits::min() : Limits::max();
  const auto places = static_cast<std::int64_t>(digits.size()) + exponent;
  if (places > Limits::digits10 + 1) return beyond;
  digits.append(static_cast<std::size_t>(exponent), '0');
  std::uint64_t value = 0;  // Nineteen digits fit.
  for (const char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  if (value > static_cast<std::uint64_t>(Limits::max())) return beyond;
  return is_negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

}  // namespace tally::http
