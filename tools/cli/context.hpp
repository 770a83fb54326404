#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/api.hpp"
#include "tools/cli/profile.hpp"
#include "tools/cli/surroundings.hpp"
#include "tools/cli/table.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// What every command takes.
struct GlobalOptions {
  std::string url;
  std::string ca_file;
  std::string workspace;
  bool json = false;
};

/// What a command works with: the terminal, the profile, the server. Threads: one.
class Context {
 public:
  Context(Surroundings& surroundings, const GlobalOptions& options) : around_(surroundings), options_(options) {}

  /// The server of --url, TALLY_URL, the profile, or the default address; the profile's session goes to the profile's
  /// server only. Errors: usage, unreachable (profile).
  Attempt<Api*> api();
  /// For signing in: whatever the profile says of other servers.
  Attempt<std::string> server_url();
  /// Forgets the loaded profile's session or keeps a new one.
  Attempt<void> keep_session(const std::string& url, core::SecretText session);

  /// The workspace of --workspace or TALLY_WORKSPACE, by id or name, or the only one of the person. Errors: usage (none
  /// or several), refused (no such), and those of the API.
  Attempt<std::string> workspace_id();
  /// The id of the workspace that `given` names.
  Attempt<std::string> workspace_id_of(const std::string& given);
  /// The id of a person by id, username or "me". Errors: refused, not_allowed.
  Attempt<std::string> user_id_of(const std::string& given);

  /// A secret from TALLY_PASSWORD, standard input (first line) or the terminal. Errors: usage (nowhere to take it
  /// from).
  enum class From : std::uint8_t { anywhere, standard_input };
  enum class Twice : std::uint8_t { no, yes };
  Attempt<core::SecretText> secret(const std::string& prompt, const char* variable, From from, Twice twice);

  [[nodiscard]] bool json() const { return options_.json; }
  [[nodiscard]] core::Timestamp now() const { return around_.now(); }
  [[nodiscard]] Surroundings& around() { return around_; }
  void print(std::string_view text);
  /// As the API sent it.
  void print_json(const ApiAnswer& answer);
  /// The rows, or `none` if there are none.
  void print(const Table& table, std::string_view none);

 private:
  Attempt<Profile*> profile();
  Attempt<std::string> profile_file();
  Attempt<std::string> find_by_name(const std::string& target, std::string_view name_member, std::string_view wanted,
                                    std::string_view what);

  Surroundings& around_;
  const GlobalOptions& options_;
  std::optional<Profile> profile_;
  std::unique_ptr<Api> api_;
};

}  // namespace tally::tools
