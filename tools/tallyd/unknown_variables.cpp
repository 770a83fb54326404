#include "tools/tallyd/unknown_variables.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/base/nearest.hpp"
#include "tools/tallyd/settings_table.hpp"

namespace tally::tools {
namespace {

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

}  // namespace

std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& variables) {
  const std::vector<std::string> known = known_variables();
  std::vector<UnknownVariable> unknown;
  for (const std::string& name : variables) {
    if (std::ranges::find(known, name) != known.end() || is_of_kubernetes(name)) continue;
    unknown.push_back({name, nearest(name, known)});
  }
  return unknown;
}

}  // namespace tally::tools
