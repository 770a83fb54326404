#include <optional>
#include <sstream>

#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/paging.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct WorkspaceNameOptions {
  std::string name;
};
struct PolicyOptions {
  std::optional<int> max_lifetime_days;
  std::string who_may_generate;
  std::optional<int> max_active_tokens_per_user;
  std::optional<int> access_token_seconds;
  std::optional<int> refresh_retry_seconds;
  std::optional<std::string> allowed_scopes;
  std::string access_token_format;
};

std::string policy_text(const boost::json::value& policy) {
  FactSheet facts;
  facts.fact("Longest lifetime", number_at(policy, {"max_lifetime_days"}) + " days")
      .fact("Who may generate", text_at(policy, {"who_may_generate"}))
      .fact("Active tokens per person", number_at(policy, {"max_active_tokens_per_user"}))
      .fact("Access tokens live", number_at(policy, {"access_token_seconds"}) + " seconds")
      .fact("Lost answers are repeated for", number_at(policy, {"refresh_retry_seconds"}) + " seconds");
  const std::string scopes = joined_at(policy, {"allowed_scopes"});
  facts.fact("Allowed scopes", scopes.empty() ? "none" : scopes);
  facts.fact("Access token format", text_at(policy, {"access_token_format"}));
  facts.fact("Legacy tokens end", text_at(policy, {"legacy_sunset_at"}));
  return facts.render();
}

std::string workspace_text(const boost::json::value& workspace, core::Timestamp now) {
  FactSheet facts;
  facts.fact("Workspace", text_at(workspace, {"name"}))
      .fact("Id and client_id", text_at(workspace, {"id"}))
      .fact("Your role", text_at(workspace, {"role"}))
      .fact("Created", shown_time(text_at(workspace, {"created_at"}), now))
      .fact("Token endpoint", text_at(workspace, {"token_endpoint"}))
      .fact("Audience", text_at(workspace, {"audience"}))
      .fact("Disabled if created before", shown_time(text_at(workspace, {"cut_off_at"}), now));
  return facts.render();
}

Attempt<void> run_create_workspace(Context& context, const WorkspaceNameOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/workspaces", boost::json::object{{"name", options.name}}));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(workspace_text(answer.json, context.now()));
  }
  return {};
}

Attempt<void> run_list_workspaces(Context& context, const PageOptions& options) {
  TALLY_TRY_ASSIGN(const ApiAnswer answer, get_items(context, "/v1/workspaces", {}, options));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  Table table;
  table.column("WORKSPACE").column("ROLE").column("CREATED").column("NAME", Fit::cut);
  for (const boost::json::value& item : items_at(answer.json, {"items"})) {
    table.row({text_at(item, {"id"}), text_at(item, {"role"}), shown_time(text_at(item, {"created_at"}), context.now()),
               text_at(item, {"name"})});
  }
  context.print(table, "No workspaces.");
  tell_of_more(context, answer);
  return {};
}

Attempt<std::string> chosen_workspace(Context& context, const WorkspaceNameOptions& options) {
  if (options.name.empty()) return context.workspace_id();
  return context.workspace_id_of(options.name);
}

Attempt<void> run_show_workspace(Context& context, const WorkspaceNameOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, chosen_workspace(context, options));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->get("/v1/workspaces/" + workspace));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(workspace_text(answer.json, context.now()) + "\n" + policy_text(*find_at(answer.json, {"policy"})));
  }
  return {};
}

/// True if something was to be changed.
bool apply(const PolicyOptions& options, boost::json::object& policy) {
  const boost::json::object before = policy;
  const auto put = [&](const char* name, const std::optional<int>& value) {
    if (value) policy[name] = *value;
  };
  put("max_lifetime_days", options.max_lifetime_days);
  put("max_active_tokens_per_user", options.max_active_tokens_per_user);
  put("access_token_seconds", options.access_token_seconds);
  put("refresh_retry_seconds", options.refresh_retry_seconds);
  if (!options.who_may_generate.empty()) policy["who_may_generate"] = options.who_may_generate;
  if (!options.access_token_format.empty()) policy["access_token_format"] = options.access_token_format;
  if (options.allowed_scopes) {
    boost::json::array scopes;
    std::istringstream words{*options.allowed_scopes};
    for (std::string scope; words >> scope;) scopes.emplace_back(scope);
    policy["allowed_scopes"] = std::move(scopes);
  }
  return policy != before;
}

Attempt<void> run_policy(Context& context, const PolicyOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const std::string target = "/v1/workspaces/" + workspace + "/policy";
  TALLY_TRY_ASSIGN(ApiAnswer answer, server->get(target));
  if (boost::json::object* policy = answer.json.if_object(); policy != nullptr && apply(options, *policy)) {
    // The server refuses the change if somebody else was quicker, where it tags what it gave.
    const std::string tag = answer.reply.header("ETag").value_or("");
    TALLY_TRY_ASSIGN(answer, server->put(target, *policy, tag));
  }
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(policy_text(answer.json));
  }
  return {};
}

}  // namespace

void add_workspace_commands(CommandSpec& root) {
  CommandSpec& workspace = add_group(root, "workspace", "tenants: create, list, show, policy, members");
  auto create = add_command<WorkspaceNameOptions>(workspace, "create", "open a workspace (operator)",
                                                  "  tally workspace create Orders\n", run_create_workspace);
  create.option("name", create.options.name, "1 to 120 characters").required().placeholder("NAME");
  auto list = add_command<PageOptions>(workspace, "list", "your workspaces; all of them for the operator",
                                       "  tally workspace list\n", run_list_workspaces);
  add_page_options(list.spec, list.options);
  auto show =
      add_command<WorkspaceNameOptions>(workspace, "show", "one workspace with its policy",
                                        "  tally workspace show\n  tally workspace show Orders\n", run_show_workspace);
  show.option("workspace", show.options.name, "by id or name").placeholder("WORKSPACE");
  auto policy = add_command<PolicyOptions>(workspace, "policy", "show the policy, or change what is given (admin)",
                                           "  tally workspace policy\n"
                                           "  tally workspace policy --max-lifetime-days 90 --who-may-generate admins\n"
                                           "  tally workspace policy --allowed-scopes \"orders:read orders:write\"\n",
                                           run_policy);
  policy.option("--max-lifetime-days", policy.options.max_lifetime_days, "1 to 365").placeholder("DAYS");
  policy.option("--who-may-generate", policy.options.who_may_generate, "members or admins")
      .placeholder("WHO")
      .rule(OneOf{{"members", "admins"}});
  policy.option("--max-active-tokens", policy.options.max_active_tokens_per_user, "per person, 1 to 100000")
      .placeholder("N");
  policy.option("--access-token-seconds", policy.options.access_token_seconds, "60 to 3600").placeholder("SECONDS");
  policy.option("--refresh-retry-seconds", policy.options.refresh_retry_seconds, "0 to 86400").placeholder("SECONDS");
  policy.option("--allowed-scopes", policy.options.allowed_scopes, "all of them, separated by blanks")
      .placeholder("SCOPES");
  policy.option("--access-token-format", policy.options.access_token_format, "jwt or opaque")
      .placeholder("FORMAT")
      .rule(OneOf{{"jwt", "opaque"}});
  add_member_commands(workspace);
}

}  // namespace tally::tools
