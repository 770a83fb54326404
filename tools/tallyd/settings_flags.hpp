#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tally::tools {

/// What the command line of `tallyd` says: texts only, so that one mistake does not hide the next.
struct SettingsFlags {
  std::map<std::string, std::string> values = {};  ///< Of the settings that were given, by the setting's name.
  std::string config = {};
  bool wants_help = false;
  bool wants_version = false;
  bool makes_ledger = false;
  bool upgrades_storage = false;
  bool accepts_issuer_change = false;
  bool dumps_core = false;
  bool checks_only = false;
  bool wants_json = false;
  std::vector<std::string> unknown = {};    ///< What is no flag, as it was given.
  std::optional<std::string> mistake = {};  ///< Of form. Then there are neither values nor unknown ones.
};

/// Reads `arguments`, without the program's name; of a flag that is given twice the last counts.
SettingsFlags read_settings_flags(const std::vector<std::string>& arguments);

/// The text of --help.
std::string settings_help();

}  // namespace tally::tools
