#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/farewell.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/paging.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct CreateUserOptions {
  std::string username;
  std::string display_name;
  std::string email;
  bool password_stdin = false;
};
struct UserOptions {
  std::string user;
};
struct StandingOptions {
  std::string user;
  std::string standing;
};
struct PasswordOptions {
  std::string user = "me";
  bool password_stdin = false;
};

boost::json::string json_text(std::string_view text) { return boost::json::string{text.data(), text.size()}; }

/// Nothing for whoever has none, as almost everybody.
std::string standing_of(const boost::json::value& person) {
  const std::string standing = text_at(person, {"standing"});
  return standing == "none" ? "" : standing;
}

void show_user(Context& context, const ApiAnswer& answer) {
  if (context.json()) return context.print_json(answer);
  FactSheet facts;
  facts.fact("Person", text_at(answer.json, {"username"}))
      .fact("Name", text_at(answer.json, {"display_name"}))
      .fact("E-mail", text_at(answer.json, {"email"}))
      .fact("Id", text_at(answer.json, {"id"}))
      .fact("Standing", standing_of(answer.json))
      .fact("Created", shown_time(text_at(answer.json, {"created_at"}), context.now()))
      .fact("Deactivated", shown_time(text_at(answer.json, {"deactivated_at"}), context.now()));
  context.print(facts.render());
}

Attempt<void> run_create_user(Context& context, const CreateUserOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const auto from = options.password_stdin ? Context::From::standard_input : Context::From::anywhere;
  TALLY_TRY_ASSIGN(const core::SecretText password, context.secret("Password for " + printable(options.username) + ": ",
                                                                   "TALLY_NEW_PASSWORD", from, Context::Twice::yes));
  boost::json::object body{{"username", options.username},
                           {"display_name", options.display_name.empty() ? options.username : options.display_name},
                           {"password", json_text(password.reveal())}};
  if (!options.email.empty()) body["email"] = options.email;
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/users", body));
  show_user(context, answer);
  return {};
}

Attempt<void> run_list_users(Context& context, const PageOptions& options) {
  TALLY_TRY_ASSIGN(const ApiAnswer answer, get_items(context, "/v1/users", {}, options));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  Table table;
  table.column("PERSON")
      .column("USERNAME")
      .column("STATUS")
      .column("STANDING")
      .column("CREATED")
      .column("NAME", Fit::cut);
  for (const boost::json::value& item : items_at(answer.json, {"items"})) {
    const bool is_active = text_at(item, {"deactivated_at"}).empty();
    table.row({text_at(item, {"id"}), text_at(item, {"username"}), is_active ? "active" : "deactivated",
               standing_of(item), shown_time(text_at(item, {"created_at"}), context.now()),
               text_at(item, {"display_name"})});
  }
  context.print(table, "Nobody.");
  tell_of_more(context, answer);
  return {};
}

Attempt<void> run_deactivate(Context& context, const FarewellOptions& options) {
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  boost::json::object body;
  if (!options.access.empty()) body["access"] = options.access;
  if (!options.reason.empty()) body["reason"] = options.reason;
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/users/" + user + ":deactivate", body));
  show_farewell(context, printable(options.user) + " is deactivated.\n", answer);
  return {};
}

Attempt<void> run_reactivate(Context& context, const UserOptions& options) {
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/users/" + user + ":reactivate", {}));
  show_user(context, answer);
  return {};
}

Attempt<void> run_set_operator(Context& context, const StandingOptions& options) {
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const boost::json::object body{{"standing", options.standing}};
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/users/" + user + ":setOperator", body));
  show_user(context, answer);
  return {};
}

Attempt<void> run_set_password(Context& context, const PasswordOptions& options) {
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer mine, server->get("/v1/session"));
  const auto from = options.password_stdin ? Context::From::standard_input : Context::From::anywhere;
  boost::json::object body;
  if (text_at(mine.json, {"user", "id"}) == user) {
    TALLY_TRY_ASSIGN(const core::SecretText current,
                     context.secret("Your current password: ", "TALLY_PASSWORD", from, Context::Twice::no));
    body["current_password"] = json_text(current.reveal());
  }
  TALLY_TRY_ASSIGN(const core::SecretText password,
                   context.secret("The new password: ", "TALLY_NEW_PASSWORD", from, Context::Twice::yes));
  body["password"] = json_text(password.reveal());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/users/" + user + ":setPassword", body));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print("The password is changed; every session of that person has ended.\n");
  }
  return {};
}

}  // namespace

void add_user_commands(CommandSpec& root) {
  CommandSpec& user =
      add_group(root, "user", "people: create, list, deactivate, reactivate, set-operator, set-password");
  auto create =
      add_command<CreateUserOptions>(user, "create", "add a person (operator)",
                                     "  tally user create ada --name \"Ada Lovelace\" --email ada@example.com\n"
                                     "  tally user create ada --password-stdin < password-file\n"
                                     "\nThe password comes from TALLY_NEW_PASSWORD, standard input or the terminal.\n",
                                     run_create_user);
  create.option("username", create.options.username, "a-z 0-9 . _ @ + -").required().placeholder("USERNAME");
  create.option("--name", create.options.display_name, "the name that others see (the username)").placeholder("NAME");
  create.option("--email", create.options.email, "an e-mail address").placeholder("ADDRESS");
  create.option("--password-stdin", create.options.password_stdin, "read the password from standard input");
  auto list = add_command<PageOptions>(user, "list", "all people (operator)", "  tally user list\n", run_list_users);
  add_page_options(list.spec, list.options);
  auto deactivate =
      add_command<FarewellOptions>(user, "deactivate", "lock a person out and disable all their tokens (operator)",
                                   "  tally user deactivate ada\n"
                                   "  tally user deactivate ada --access keep --reason \"moves to another team\"\n"
                                   "\nTheir access tokens end too, unless --access says keep: then they run out.\n",
                                   run_deactivate);
  add_farewell_options(deactivate.spec, deactivate.options);
  auto reactivate = add_command<UserOptions>(
      user, "reactivate", "let a deactivated person sign in again, with their roles and no token (operator)",
      "  tally user reactivate ada\n", run_reactivate);
  reactivate.option("user", reactivate.options.user, "by id or username").required().placeholder("USER");
  auto set_operator = add_command<StandingOptions>(
      user, "set-operator", "say what a person is to the server as a whole (operator)",
      "  tally user set-operator ada operator\n"
      "  tally user set-operator edith auditor\n"
      "  tally user set-operator ada none\n"
      "\noperator: creates people and workspaces, appoints operators. break_glass: an operator, of whom one always\n"
      "stays. auditor: reads everything and changes nothing.\n",
      run_set_operator);
  set_operator.option("user", set_operator.options.user, "by id or username").required().placeholder("USER");
  set_operator.option("standing", set_operator.options.standing, "none, operator, break_glass or auditor")
      .required()
      .rule(OneOf{{"none", "operator", "break_glass", "auditor"}})
      .placeholder("STANDING");
  auto set_password = add_command<PasswordOptions>(
      user, "set-password", "change your own password, or anybody's (operator)",
      "  tally user set-password\n"
      "  tally user set-password ada --password-stdin < password-file\n"
      "\nWith --password-stdin one password per line: for yourself the current one first.\n"
      "Or TALLY_PASSWORD (current) and TALLY_NEW_PASSWORD.\n",
      run_set_password);
  set_password.option("user", set_password.options.user, "by id or username (yourself)").placeholder("USER");
  set_password.option("--password-stdin", set_password.options.password_stdin,
                      "read the passwords from standard input");
}

}  // namespace tally::tools
