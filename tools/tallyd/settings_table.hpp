#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// One setting: how it is named everywhere, and how its text becomes a value. Its name in the file has underscores, its
/// variable is TALLY_ and capitals, its flag has dashes.
struct SettingEntry {
  const char* name;         ///< As in the file: "data_dir".
  const char* placeholder;  ///< For the help: "DIR". Empty: a flag without a value.
  const char* help;
  /// Errors: invalid_argument; the detail says what is expected.
  core::Result<void> (*parse)(std::string_view text, Settings& settings);
};

std::span<const SettingEntry> settings_table();

/// "data_dir" -> "--data-dir".
std::string flag_of(const SettingEntry& entry);
/// "data_dir" -> "TALLY_DATA_DIR".
std::string variable_of(const SettingEntry& entry);

/// True if the host of the URL is localhost or a loopback address.
bool names_loopback(const std::string& url);
/// True for 127.0.0.0/8 and ::1. `address` must be an IP address.
bool is_loopback(const std::string& address);

}  // namespace tally::tools
