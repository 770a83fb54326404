#include <optional>

#include <boost/json/object.hpp>

#include "core/base/limits.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/paging.hpp"
#include "tools/cli/times.hpp"
#include "tools/cli/token_text.hpp"

namespace tally::tools {
namespace {

struct GenerateOptions {
  std::string name;
  int days = 0;
  std::optional<std::string> scope;
};
struct ListOptions {
  PageOptions page;
  std::string owner = "me";
  std::string status;
  std::string kind;
  std::string search;
  std::string sort;
};
struct ShowOptions {
  std::string token;
  std::string as_of;
};
struct RefreshOptions {
  std::string scope;
};

Attempt<std::string> tokens_target(Context& context) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  return "/v1/workspaces/" + workspace + "/tokens";
}

std::string lifetime_text(const boost::json::value& json, std::string_view member, core::Timestamp now) {
  const boost::json::value* found = find_at(json, {member});
  if (found == nullptr || !found->is_int64()) return {};
  return relative_to(now + std::chrono::seconds{found->as_int64()}, now);
}

/// The two secrets of an answer, on standard output and nowhere else.
std::string secrets_text(const boost::json::value& json, core::Timestamp now) {
  FactSheet facts;
  facts.fact("Access token", text_at(json, {"access_token"}))
      .fact("  ends", lifetime_text(json, "expires_in", now))
      .fact("Refresh token", text_at(json, {"refresh_token"}))
      .fact("  ends", lifetime_text(json, "refresh_token_expires_in", now));
  return facts.render() + "\nBoth are shown only now.\n";
}

Attempt<void> run_generate(Context& context, const GenerateOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, tokens_target(context));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  boost::json::object body{{"name", options.name}, {"lifetime_days", options.days}};
  if (options.scope) body["scope"] = *options.scope;
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post(target, body));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(token_text(*find_at(answer.json, {"token"}), context.now()) + "\n" +
                  secrets_text(answer.json, context.now()));
  }
  return {};
}

Attempt<void> run_list_tokens(Context& context, const ListOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, tokens_target(context));
  std::string owner = options.owner;
  if (owner != "me" && owner != "all") {
    TALLY_TRY_ASSIGN(owner, context.user_id_of(owner));
  }
  TALLY_TRY_ASSIGN(const ApiAnswer answer, get_items(context, target,
                                                     {{"owner", owner},
                                                      {"status", options.status},
                                                      {"kind", options.kind},
                                                      {"q", options.search},
                                                      {"sort", options.sort}},
                                                     options.page));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  context.print(token_table(items_at(answer.json, {"items"}), context.now()), "No tokens.");
  tell_of_more(context, answer);
  return {};
}

Attempt<void> run_show_token(Context& context, const ShowOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, tokens_target(context));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  std::string as_of = options.as_of;
  if (as_of.find_first_not_of("0123456789") != std::string::npos) {
    TALLY_TRY_ASSIGN(const core::Timestamp time, parse_moment(as_of, context.now()));
    as_of = core::to_rfc3339(time);
  }
  TALLY_TRY_ASSIGN(const ApiAnswer answer,
                   server->get(with_query(target + "/" + percent_encoded(options.token), {{"as_of", as_of}})));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(token_text(answer.json, context.now()));
  }
  return {};
}

Attempt<void> run_refresh(Context& context, const RefreshOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const auto from = context.around().in_is_terminal ? Context::From::anywhere : Context::From::standard_input;
  TALLY_TRY_ASSIGN(const core::SecretText presented,
                   context.secret("Refresh token: ", "TALLY_REFRESH_TOKEN", from, Context::Twice::no));
  std::string form =
      "grant_type=refresh_token&client_id=" + workspace + "&refresh_token=" + percent_encoded(presented.reveal());
  if (!options.scope.empty()) form += "&scope=" + percent_encoded(options.scope);
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post_form("/oauth2/token", std::move(form)));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(secrets_text(answer.json, context.now()));
  }
  return {};
}

void add_reading(CommandSpec& token) {
  auto list = add_command<ListOptions>(token, "list", "tokens; your own unless --owner says otherwise",
                                       "  tally token list\n"
                                       "  tally token list --owner all --status active --sort expires_at\n"
                                       "  tally token list --search robot --json\n",
                                       run_list_tokens);
  list.option("--owner", list.options.owner, "me, all, or a person by id or username (me)").placeholder("USER");
  list.option("--kind", list.options.kind, "oauth2, or legacy: imported from the system before").placeholder("KIND");
  list.option("--status", list.options.status, "active, disabled or expired")
      .placeholder("STATUS")
      .rule(OneOf{{"active", "disabled", "expired"}});
  list.option("--search", list.options.search, "a part of the name, or an id").placeholder("TEXT");
  list.option("--sort", list.options.sort,
              "created_at, expires_at, name, last_refreshed_at, last_used_at or status; - before it: descending")
      .placeholder("FIELD");
  add_page_options(list.spec, list.options.page);
  auto show =
      add_command<ShowOptions>(token, "show", "one token, now or as it stood",
                               "  tally token show tok_01kb0000000000000000000000\n"
                               "  tally token show tok_01kb0000000000000000000000 --as-of 1204\n"
                               "  tally token show tok_01kb0000000000000000000000 --as-of \"2026-11-01 09:00\"\n",
                               run_show_token);
  show.option("token", show.options.token, "its id").required().placeholder("TOKEN");
  show.option("--as-of", show.options.as_of, "after this event, or at this time").placeholder("SEQUENCE|TIME");
}

}  // namespace

void add_token_commands(CommandSpec& root) {
  CommandSpec& token = add_group(root, "token", "API tokens: generate, list, show, refresh, disable, delete");
  auto generate =
      add_command<GenerateOptions>(token, "generate", "a new token of your own; its secrets are shown once",
                                   "  tally token generate \"build robot\" --days 90\n"
                                   "  tally token generate reports --days 30 --scope \"orders:read\" --json\n",
                                   run_generate);
  generate.option("name", generate.options.name, "1 to 120 characters").required().placeholder("NAME");
  generate.option("--days", generate.options.days, "how long it lives, 1 to 365")
      .required()
      .placeholder("DAYS")
      .rule(Between{core::limits::kLifetimeDaysMin, core::limits::kLifetimeDaysMax});
  generate
      .option("--scope", generate.options.scope,
              "scopes, separated by blanks (all that the workspace allows, but no power over Tally itself)")
      .placeholder("SCOPES");
  add_reading(token);
  auto refresh = add_command<RefreshOptions>(
      token, "refresh", "spend a refresh token for a new pair",
      "  tally token refresh\n"
      "  tally token refresh --json < refresh-token-file\n"
      "\nThe refresh token comes from standard input, TALLY_REFRESH_TOKEN or the terminal, never from an argument,\n"
      "which other people on the machine could read.\n",
      run_refresh);
  refresh.option("--scope", refresh.options.scope, "fewer scopes for the access token").placeholder("SCOPES");
  add_token_stop_commands(token);
}

}  // namespace tally::tools
