#pragma once

#include <optional>
#include <string>

#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// What a start with these settings would meet, without one.
struct ConfigReport {
  int exit_status = 0;                    ///< 0 good, with or without warnings; 2 settings or files; 3 the data folder.
  std::vector<SettingsMistake> mistakes;  ///< All that were found.
  std::vector<SettingsMistake> warnings;
};

/// Reads the settings' files and looks at the data folder. Opens no ledger and no token, takes no port, changes
/// nothing: safe beside a server that runs. What only the open ledger knows (is it whole, was another issuer given
/// before) it does not tell.
ConfigReport check_config(SettingsReading reading, std::optional<core::SecretText> operator_password,
                          core::Timestamp now);

/// Lines for people; or one JSON object: status, version, mistakes, warnings.
std::string as_text(const ConfigReport& report);
std::string as_json(const ConfigReport& report, std::string_view version);

}  // namespace tally::tools
