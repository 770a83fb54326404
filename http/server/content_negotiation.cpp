#include "http/server/content_negotiation.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace tally::http {
namespace {

/// Cuts what stands before `separator` off the front of `rest`; all of it, if there is none.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return piece;
}

/// A qvalue in thousandths: "0", "0.5", "1.000". Source: RFC 9110 §12.4.2.
std::optional<int> thousandths_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return std::nullopt;
  if (text[0] != '0' && text[0] != '1') return std::nullopt;
  int value = (text[0] - '0') * 1'000;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return value <= 1'000 ? std::optional{value} : std::nullopt;
}

/// One element of Accept-Encoding.
struct Preference {
  std::string_view coding;
  int weight = 1'000;
};

std::optional<Preference> preference_of(std::string_view element) {
  Preference preference;
  preference.coding = core::ascii::trimmed(cut(element, ';'));
  const std::string_view parameter = core::ascii::trimmed(element);
  if (preference.coding.empty()) return std::nullopt;
  if (parameter.empty()) return preference;
  if (parameter.size() < 3 || !core::ascii::equal_without_case(parameter.substr(0, 2), "q=")) return std::nullopt;
  const auto weight = thousandths_of(parameter.substr(2));
  if (!weight) return std::nullopt;
  preference.weight = *weight;
  return preference;
}

}  // namespace

Coding choose_coding(std::optional<std::string_view> accept_encoding, Offered offered) {
  std::optional<int> gzip;
  std::optional<int> brotli;
  std::optional<int> identity;
  int others = 0;
  std::string_view rest = accept_encoding.value_or("");
  while (!rest.empty()) {
    const auto preference = preference_of(cut(rest, ','));
    if (!preference) continue;
    if (core::ascii::equal_without_case(preference->coding, "br")) brotli = preference->weight;
    if (core::ascii::equal_without_case(preference->coding, "gzip") ||
        core::ascii::equal_without_case(preference->coding, "x-gzip"))
      gzip = preference->weight;
    if (core::ascii::equal_without_case(preference->coding, "identity")) identity = preference->weight;
    if (preference->coding == "*") others = preference->weight;
  }
  Coding best = Coding::identity;
  // identity is acceptable unless it is refused, but whoever names a coding would rather have that.
  int best_weight = identity.value_or(0);
  const auto consider = [&](Coding coding, bool is_offered, int weight) {
    if (!is_offered || weight == 0 || weight < best_weight) return;
    best = coding;
    best_weight = weight;
  };
  consider(Coding::gzip, offered.gzip, gzip.value_or(others));
  consider(Coding::brotli, offered.brotli, brotli.value_or(others));
  return best;
}

bool matches_entity_tag(std::string_view if_none_match, std::string_view entity_tag) {
  std::string_view rest = core::ascii::trimmed(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t,"), rest.size()));
    if (rest.starts_with("W/")) rest.remove_prefix(2);
    if (!rest.starts_with('"')) return false;
    const std::size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) return false;
    if (rest.substr(0, end + 1) == entity_tag) return true;
    rest.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace tally::http
