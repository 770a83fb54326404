#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"

namespace tally::tools {
namespace {

struct LoginOptions {
  std::string username;
  bool password_stdin = false;
};
struct NoSessionOptions {};

std::string shown_name(const boost::json::value& user) {
  const std::string username = text_at(user, {"username"});
  const std::string display_name = text_at(user, {"display_name"});
  return display_name.empty() || display_name == username ? username : username + " (" + display_name + ")";
}

Attempt<void> run_login(Context& context, const LoginOptions& options) {
  TALLY_TRY_ASSIGN(const std::string url, context.server_url());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const auto from = options.password_stdin ? Context::From::standard_input : Context::From::anywhere;
  TALLY_TRY_ASSIGN(const core::SecretText password, context.secret("Password of " + printable(options.username) + ": ",
                                                                   "TALLY_PASSWORD", from, Context::Twice::no));
  boost::json::object body;
  body["username"] = options.username;
  body["password"] = boost::json::string_view{password.reveal().data(), password.reveal().size()};
  auto signed_in = server->post("/v1/session", body);
  if (signed_in.has_error() && signed_in.error().exit == Exit::not_allowed) {
    return Failure{Exit::not_allowed, "wrong username or password"};
  }
  TALLY_TRY_ASSIGN(const ApiAnswer answer, std::move(signed_in));
  core::SecretText session = session_cookie_of(answer.reply);
  if (session.empty()) return Failure{Exit::unreachable, url + " gave no session: is it a tally server?"};
  TALLY_TRY(context.keep_session(url, std::move(session)));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print("Signed in to " + url + " as " + printable(shown_name(*find_at(answer.json, {"user"}))) + ".\n");
  }
  return {};
}

Attempt<void> run_logout(Context& context, const NoSessionOptions&) {
  TALLY_TRY_ASSIGN(const std::string url, context.server_url());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const bool was_signed_in = server->has_session();
  if (was_signed_in) {
    const auto signed_out = server->remove("/v1/session");
    // A session that the server does not know has ended all the same.
    if (signed_out.has_error() && signed_out.error().exit != Exit::not_allowed) return signed_out.error();
    TALLY_TRY(context.keep_session(url, {}));
  }
  if (!context.json()) context.print(was_signed_in ? "Signed out of " + url + ".\n" : "You were not signed in.\n");
  return {};
}

Attempt<void> run_whoami(Context& context, const NoSessionOptions&) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->get("/v1/session"));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  const std::string standing = text_at(answer.json, {"user", "standing"});
  FactSheet facts;
  facts.fact("Person", text_at(answer.json, {"user", "username"}))
      .fact("Name", text_at(answer.json, {"user", "display_name"}))
      .fact("E-mail", text_at(answer.json, {"user", "email"}))
      .fact("Id", text_at(answer.json, {"user", "id"}))
      .fact("Standing", standing == "none" ? "" : standing)
      .fact("Server", server->server().str());
  context.print(facts.render() + "\n");
  Table table;
  table.column("WORKSPACE").column("ROLE").column("NAME", Fit::cut);
  for (const boost::json::value& item : items_at(answer.json, {"workspaces"})) {
    table.row({text_at(item, {"id"}), text_at(item, {"role"}), text_at(item, {"name"})});
  }
  context.print(table, "Member of no workspace.");
  return {};
}

}  // namespace

void add_session_commands(CommandSpec& root) {
  auto login = add_command<LoginOptions>(
      root, "login", "sign in, and remember the session",
      "  tally login --url http://127.0.0.1:8080 ada\n"
      "  tally login ada --password-stdin < password-file\n"
      "\nThe password comes from TALLY_PASSWORD, standard input or the terminal. The session is kept in\n"
      "$XDG_CONFIG_HOME/tally/profile.toml, which only you can read.\n",
      run_login);
  login.option("username", login.options.username, "who you are").required().placeholder("USERNAME");
  login.option("--password-stdin", login.options.password_stdin, "read the password from standard input");
  add_command<NoSessionOptions>(root, "logout", "end the session here and on the server", "  tally logout\n",
                                run_logout);
  add_command<NoSessionOptions>(root, "whoami", "who is signed in, and in which workspaces",
                                "  tally whoami\n  tally whoami --json\n", run_whoami);
}

}  // namespace tally::tools
