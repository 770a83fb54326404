#include "tools/cli/context.hpp"

#include <chrono>
#include <istream>
#include <ostream>

#include "core/base/ids.hpp"
#include "core/base/unicode.hpp"
#include "tools/cli/json_text.hpp"

namespace tally::tools {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";
constexpr std::chrono::seconds kTimeout{30};

/// Names are stored composed since some release; a terminal may give them decomposed, as some file systems do.
bool is_same_name(std::string_view one, std::string_view other) {
  if (one == other) return true;
  const auto composed = core::unicode::to_nfc(one);
  const auto other_composed = core::unicode::to_nfc(other);
  return composed.has_value() && other_composed.has_value() && *composed == *other_composed;
}

}  // namespace

Attempt<std::string> Context::profile_file() { return profile_path(around_.environment); }

Attempt<Profile*> Context::profile() {
  if (!profile_) {
    TALLY_TRY_ASSIGN(const std::string path, profile_file());
    TALLY_TRY_ASSIGN(profile_, load_profile(path));
  }
  return &*profile_;
}

Attempt<std::string> Context::server_url() {
  std::string url = options_.url;
  if (url.empty()) url = around_.environment("TALLY_URL").value_or("");
  if (url.empty()) {
    TALLY_TRY_ASSIGN(const Profile* kept, profile());
    url = kept->url;
  }
  TALLY_TRY_ASSIGN(const ServerUrl server, ServerUrl::parse(url.empty() ? kDefaultUrl : url));
  return server.str();
}

Attempt<Api*> Context::api() {
  if (api_) return api_.get();
  TALLY_TRY_ASSIGN(const std::string url, server_url());
  TALLY_TRY_ASSIGN(ServerUrl server, ServerUrl::parse(url));
  TALLY_TRY_ASSIGN(const Profile* kept, profile());
  core::SecretText session;
  // A session is for the server that gave it: sent elsewhere it would be stolen.
  if (kept->url == url) session = core::SecretText{std::string{kept->session.reveal()}};
  std::string ca_file = options_.ca_file;
  if (ca_file.empty()) ca_file = around_.environment("TALLY_CA_FILE").value_or("");
  api_ = std::make_unique<Api>(HttpClient{std::move(server), kTimeout, std::move(ca_file)}, std::move(session));
  return api_.get();
}

Attempt<void> Context::keep_session(const std::string& url, core::SecretText session) {
  TALLY_TRY_ASSIGN(const std::string path, profile_file());
  profile_ = Profile{url, std::move(session)};
  return save_profile(path, *profile_);
}

Attempt<std::string> Context::workspace_id() {
  std::string given = options_.workspace;
  if (given.empty()) given = around_.environment("TALLY_WORKSPACE").value_or("");
  if (!given.empty()) return workspace_id_of(given);
  TALLY_TRY_ASSIGN(Api * server, api());
  TALLY_TRY_ASSIGN(const ApiAnswer mine, server->get("/v1/session"));
  const auto& memberships = items_at(mine.json, {"workspaces"});
  if (memberships.size() == 1) return text_at(memberships.front(), {"id"});
  return Failure{Exit::usage, memberships.empty()
                                  ? "you are a member of no workspace: say which with --workspace"
                                  : "you are a member of " + std::to_string(memberships.size()) +
                                        " workspaces: say which with --workspace (tally whoami lists them)"};
}

Attempt<std::string> Context::workspace_id_of(const std::string& given) {
  if (!core::WorkspaceId::parse(given).has_error()) return given;
  return find_by_name("/v1/workspaces", "name", given, "workspace");
}

Attempt<std::string> Context::user_id_of(const std::string& given) {
  if (!core::UserId::parse(given).has_error()) return given;
  TALLY_TRY_ASSIGN(Api * server, api());
  TALLY_TRY_ASSIGN(const ApiAnswer mine, server->get("/v1/session"));
  if (given == "me" || given == text_at(mine.json, {"user", "username"})) return text_at(mine.json, {"user", "id"});
  auto found = find_by_name("/v1/users", "username", given, "person");
  if (found.has_error() && found.error().exit == Exit::not_allowed) {
    return Failure{Exit::not_allowed, "only the operator can look up \"" + printable(given) +
                                          "\" by name: give the id (usr_…), as tally workspace members shows it"};
  }
  return found;
}

Attempt<std::string> Context::find_by_name(const std::string& target, std::string_view name_member,
                                           std::string_view wanted, std::string_view what) {
  TALLY_TRY_ASSIGN(Api * server, api());
  std::string found;
  std::string cursor;
  do {
    TALLY_TRY_ASSIGN(const ApiAnswer page, server->get(with_query(target, {{"limit", "1000"}, {"cursor", cursor}})));
    for (const boost::json::value& item : items_at(page.json, {"items"})) {
      if (!is_same_name(text_at(item, {name_member}), wanted)) continue;
      if (!found.empty()) {
        return Failure{Exit::usage,
                       "there are several " + std::string{what} + "s named \"" + printable(wanted) + "\": give the id"};
      }
      found = text_at(item, {"id"});
    }
    cursor = text_at(page.json, {"next_cursor"});
  } while (!cursor.empty());
  if (found.empty()) {
    return Failure{Exit::refused, "there is no " + std::string{what} + " named \"" + printable(wanted) + "\""};
  }
  return found;
}

Attempt<core::SecretText> Context::secret(const std::string& prompt, const char* variable, From from, Twice twice) {
  if (from == From::anywhere) {
    if (auto value = around_.environment(variable)) return core::SecretText{std::move(*value)};
  }
  if (from == From::standard_input) {
    std::string line;
    if (!std::getline(around_.in, line)) return Failure{Exit::usage, "standard input holds no line"};
    if (line.ends_with('\r')) line.pop_back();
    return core::SecretText{std::move(line)};
  }
  if (!around_.in_is_terminal || !around_.ask_secret) {
    return Failure{Exit::usage, "there is no terminal to ask on: give it on standard input (see --help) or in " +
                                    std::string{variable}};
  }
  core::SecretText typed = around_.ask_secret(prompt);
  if (twice == Twice::yes && around_.ask_secret("Again: ").reveal() != typed.reveal()) {
    return Failure{Exit::usage, "the two are not the same"};
  }
  return typed;
}

void Context::print(std::string_view text) { around_.out << text; }

void Context::print_json(const ApiAnswer& answer) {
  around_.out << answer.text;
  if (!answer.text.empty() && !answer.text.ends_with('\n')) around_.out << '\n';
}

void Context::print(const Table& table, std::string_view none) {
  if (table.empty()) {
    around_.out << none << '\n';
  } else {
    around_.out << table.render(around_.columns);
  }
}

}  // namespace tally::tools
