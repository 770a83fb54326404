#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/paging.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct ServerNameOptions {
  std::string name;
};
struct RegisterOptions {
  std::string name;
  std::string resource;
};

Attempt<std::string> target_of(Context& context) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  return "/v1/workspaces/" + workspace + "/resource-servers";
}

Attempt<void> run_create_server(Context& context, const RegisterOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, target_of(context));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  boost::json::object body{{"name", options.name}};
  if (!options.resource.empty()) body["resource"] = options.resource;
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post(target, body));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  FactSheet facts;
  facts.fact("Resource server", text_at(answer.json, {"name"}))
      .fact("Id", text_at(answer.json, {"id"}))
      .fact("Resource", text_at(answer.json, {"resource"}))
      .fact("Secret", text_at(answer.json, {"secret"}));
  context.print(facts.render() +
                "\nThe secret is shown only now. It goes with the id as HTTP Basic to /oauth2/introspect.\n");
  return {};
}

Attempt<void> run_list_servers(Context& context, const PageOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, target_of(context));
  TALLY_TRY_ASSIGN(const ApiAnswer answer, get_items(context, target, {}, options));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  Table table;
  table.column("RESOURCE SERVER").column("CREATED").column("NAME", Fit::cut).column("RESOURCE", Fit::cut);
  for (const boost::json::value& item : items_at(answer.json, {"items"})) {
    table.row({text_at(item, {"id"}), shown_time(text_at(item, {"created_at"}), context.now()), text_at(item, {"name"}),
               text_at(item, {"resource"})});
  }
  context.print(table, "No resource servers.");
  tell_of_more(context, answer);
  return {};
}

Attempt<void> run_remove_server(Context& context, const ServerNameOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, target_of(context));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->remove(target + "/" + percent_encoded(options.name)));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print("Removed: it can not introspect any more.\n");
  }
  return {};
}

}  // namespace

void add_resource_server_commands(CommandSpec& root) {
  CommandSpec& group = add_group(root, "resource-server", "APIs that accept the tokens: create, list, remove");
  auto create =
      add_command<RegisterOptions>(group, "create", "register an API, and get its secret once (admin)",
                                   "  tally resource-server create \"Orders API\"\n"
                                   "  tally resource-server create \"Orders API\" --resource https://orders.example/\n",
                                   run_create_server);
  create.option("name", create.options.name, "1 to 120 characters").required().placeholder("NAME");
  create.option("--resource", create.options.resource, "the URI that access tokens can be asked for (RFC 8707)")
      .placeholder("URI");
  auto list = add_command<PageOptions>(group, "list", "the APIs of the workspace (admin)",
                                       "  tally resource-server list\n", run_list_servers);
  add_page_options(list.spec, list.options);
  auto remove = add_command<ServerNameOptions>(group, "remove", "take an API's right to introspect (admin)",
                                               "  tally resource-server remove rs_01kb0000000000000000000000\n",
                                               run_remove_server);
  remove.option("id", remove.options.name, "its id").required().placeholder("ID");
}

}  // namespace tally::tools
