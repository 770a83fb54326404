#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/tools/support/scratch_folder.hpp"
#include "tools/client/outcome.hpp"
#include "tools/tallyd/application.hpp"

namespace tally::tools {

inline constexpr const char* kOperatorPassword = "the operator's password";
inline constexpr const char* kAdaPassword = "the password of ada";

/// What one run of the command line said.
struct Run {
  Exit exit = Exit::done;
  std::string out;
  std::string err;
};

/// Somebody at a terminal of their own, with their own profile.
class Person {
 public:
  /// `url` is in the environment as TALLY_URL.
  explicit Person(const std::string& url);
  Run run(const std::vector<std::string>& arguments, const std::string& standard_input = {});
  /// run(), which must succeed: its output.
  std::string must(const std::vector<std::string>& arguments, const std::string& standard_input = {});

  std::map<std::string, std::string> environment;
  bool at_terminal = false;
  std::size_t columns = 0;
  std::vector<std::string> typed_secrets;  ///< Answers to the prompts, in order.
  bool out_is_broken = false;              ///< Standard output takes nothing.
  int waits = 0;                           ///< How often something may be tried again.
  int lines_read_max = 0;                  ///< After so many lines whoever reads is gone; 0: never.
  ScratchFolder folder;
};

/// A whole server in this process on a free port.
class House {
 public:
  House();
  /// Stops the server, so that its folder can be opened.
  void stop() { application.reset(); }
  void start();
  [[nodiscard]] std::string url() const { return application->url(); }

  ScratchFolder data;
  std::unique_ptr<Application> application;
};

/// The names of the events in the folder of a stopped server, in order.
std::vector<std::string> events_in(const std::string& data_dir);

Settings quiet_settings(const std::string& data_dir);

/// The text of a member of the JSON object that `json` is, as `token.id`; empty if it is not there.
std::string member_of(const std::string& json, const std::string& path);

/// A house in which the operator and ada, the admin of the only workspace "Orders", are signed in.
struct Scene {
  Scene();
  House house;
  Person root;
  Person ada;
  std::string workspace;
};

}  // namespace tally::tools
