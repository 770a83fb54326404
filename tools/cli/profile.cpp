#include "tools/cli/profile.hpp"

#include <filesystem>
#include <sstream>

#include <toml++/toml.h>

#include "tools/base/private_file.hpp"
#include "tools/base/toml_names.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kProfileBytesMax = 64 << 10;

}  // namespace

Attempt<std::string> profile_path(const Environment& environment) {
  const auto config = environment("XDG_CONFIG_HOME");
  // Relative paths there are to be ignored. Source: XDG Base Directory Specification.
  if (config && config->starts_with('/')) return *config + "/tally/profile.toml";
  const auto home = environment("HOME");
  if (!home || home->empty()) {
    return Failure{Exit::usage, "neither XDG_CONFIG_HOME nor HOME says where the profile is"};
  }
  return *home + "/.config/tally/profile.toml";
}

Attempt<Profile> load_profile(const std::string& path) {
  const auto content = read_private_file(path, kProfileBytesMax);
  if (content.has_error()) return failure_of(content.error());
  Profile profile;
  if (!*content) return profile;
  const auto no_toml = [&](std::size_t line) {
    return Failure{Exit::usage, path + ":" + std::to_string(line) + " is no TOML; remove the file and run tally login"};
  };
  if (const auto line = line_of_deep_name((*content)->reveal())) return no_toml(*line);
  // toml++ throws for bad text: this is its adapter. Its message may quote the text, so it is not shown.
  try {
    const toml::table table = toml::parse((*content)->reveal(), path);
    profile.url = table["url"].value_or(std::string{});
    profile.session = core::SecretText{table["session"].value_or(std::string{})};
  } catch (const toml::parse_error& error) {
    return no_toml(error.source().begin.line);
  }
  return profile;
}

Attempt<void> save_profile(const std::string& path, const Profile& profile) {
  toml::table table;
  table.insert("url", profile.url);
  if (!profile.session.empty()) table.insert("session", std::string{profile.session.reveal()});
  std::ostringstream text;
  text << "# Written by tally login. It holds a session: keep it to yourself.\n" << table << '\n';
  const core::SecretText content{text.str()};
  auto saved = make_private_folders(std::filesystem::path{path}.parent_path().string());
  if (!saved.has_error()) saved = write_private_file(path, content.reveal());
  if (saved.has_error()) return failure_of(saved.error());
  return {};
}

}  // namespace tally::tools
