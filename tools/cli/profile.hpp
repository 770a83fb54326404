#pragma once

#include <string>

#include "core/base/secret.hpp"
#include "tools/base/environment.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// What `tally login` remembers: $XDG_CONFIG_HOME/tally/profile.toml, mode 0600.
struct Profile {
  std::string url;
  core::SecretText session;  ///< The cookie's value; empty: signed out.
};

/// Where the profile is. Errors: usage (neither XDG_CONFIG_HOME nor HOME).
Attempt<std::string> profile_path(const Environment& environment);

/// An empty profile if there is no file. Errors: unreachable (not readable), usage (no TOML).
Attempt<Profile> load_profile(const std::string& path);

/// Replaces the file in one step and makes its folder. Errors: unreachable (not writable).
Attempt<void> save_profile(const std::string& path, const Profile& profile);

}  // namespace tally::tools
