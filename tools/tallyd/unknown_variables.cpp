#include "tools/tallyd/unknown_variables.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "tools/tallyd/settings_table.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kNearbyLetters = 2;
/// Longer ones are nobody's slip of the finger, and comparing costs the product of the lengths.
constexpr std::size_t kComparedBytesMax = 64;

/// Of the server beside the settings, and of the command line, whose user may have them set.
constexpr std::array<std::string_view, 8> kOthers{"TALLY_CONFIG",    "TALLY_OPERATOR_PASSWORD", "TALLY_URL",
                                                  "TALLY_PASSWORD",  "TALLY_NEW_PASSWORD",      "TALLY_CA_FILE",
                                                  "TALLY_WORKSPACE", "TALLY_REFRESH_TOKEN"};

std::vector<std::string> known_variables() {
  std::vector<std::string> known{kOthers.begin(), kOthers.end()};
  for (const SettingEntry& entry : settings_table()) known.push_back(variable_of(entry));
  return known;
}

bool is_of_kubernetes(std::string_view name) {
  return name.starts_with("TALLY_PORT") || name.find("_SERVICE_") != std::string_view::npos;
}

/// How many letters are to be put in, taken out or changed to make one of the other (Levenshtein).
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& variables) {
  const std::vector<std::string> known = known_variables();
  std::vector<UnknownVariable> unknown;
  for (const std::string& name : variables) {
    if (std::ranges::find(known, name) != known.end() || is_of_kubernetes(name)) continue;
    UnknownVariable found{name, {}};
    std::size_t nearest = kNearbyLetters + 1;
    for (const std::string& candidate : known) {
      if (name.size() > kComparedBytesMax) break;
      const std::size_t far = distance(name, candidate);
      if (far >= nearest) continue;
      nearest = far;
      found.meant = candidate;
    }
    unknown.push_back(std::move(found));
  }
  return unknown;
}

}  // namespace tally::tools
