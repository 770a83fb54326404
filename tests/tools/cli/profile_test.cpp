#include "tools/cli/profile.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/tools/support/scratch_folder.hpp"

namespace tally::tools {

TEST_CASE("profile: what is saved is loaded again, from a file that only its owner can read", "[tools][profile]") {
  const ScratchFolder folder;
  const std::string path = folder / "config/tally/profile.toml";
  REQUIRE(save_profile(path, Profile{"http://127.0.0.1:1", core::SecretText{std::string{"a \"quoted\" value"}}})
              .has_value());
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(folder / "config/tally") == 0700);
  const auto loaded = load_profile(path);
  REQUIRE(loaded.has_value());
  CHECK(loaded->url == "http://127.0.0.1:1");
  CHECK(loaded->session.reveal() == "a \"quoted\" value");
}

TEST_CASE("profile: a file that others can read is replaced by one that they can not", "[tools][profile]") {
  const ScratchFolder folder;
  const std::string path = folder / "profile.toml";
  write_text(path, "url = 'http://old'\n");
  std::filesystem::permissions(path, std::filesystem::perms{0644});
  REQUIRE(save_profile(path, Profile{"http://new", {}}).has_value());
  CHECK(mode_of(path) == 0600);
  CHECK_THAT(read_text(path), Catch::Contains("http://new"));
}

TEST_CASE("profile: no file is an empty profile, and a broken one is told without its content", "[tools][profile]") {
  const ScratchFolder folder;
  const auto absent = load_profile(folder / "profile.toml");
  REQUIRE(absent.has_value());
  CHECK(absent->url.empty());
  CHECK(absent->session.empty());

  write_text(folder / "profile.toml", "url = 'x'\nsession = hunter2\n");
  const auto broken = load_profile(folder / "profile.toml");
  REQUIRE(broken.has_error());
  CHECK(broken.error().exit == Exit::usage);
  CHECK_THAT(broken.error().message, Catch::Contains("profile.toml:2") && !Catch::Contains("hunter2"));
}

TEST_CASE("profile: it lies where the XDG base directories say", "[tools][profile]") {
  using Variables = std::pair<const char*, const char*>;
  const auto [config, home, path] = GENERATE(table<const char*, const char*, const char*>({
      {"/c", "/h", "/c/tally/profile.toml"},
      {"relative", "/h", "/h/.config/tally/profile.toml"},
      {nullptr, "/h", "/h/.config/tally/profile.toml"},
      {nullptr, nullptr, nullptr},
  }));
  const auto found = profile_path([&, set = std::array{Variables{"XDG_CONFIG_HOME", config}, Variables{"HOME", home}}](
                                      const std::string& name) -> std::optional<std::string> {
    for (const auto& [variable, value] : set) {
      if (name == variable && value != nullptr) return value;
    }
    return std::nullopt;
  });
  CHECK(found.has_value() == (path != nullptr));
  if (found.has_value()) CHECK(*found == path);
}

}  // namespace tally::tools
