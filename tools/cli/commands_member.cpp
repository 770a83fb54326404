#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/farewell.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/paging.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct RoleOptions {
  std::string user;
  std::string role;
};

Attempt<std::string> members_target(Context& context) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  return "/v1/workspaces/" + workspace + "/members";
}

Attempt<void> run_list_members(Context& context, const PageOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, members_target(context));
  TALLY_TRY_ASSIGN(const ApiAnswer answer, get_items(context, target, {}, options));
  if (context.json()) {
    context.print_json(answer);
    return {};
  }
  Table table;
  table.column("PERSON").column("ROLE").column("SINCE").column("USERNAME").column("NAME", Fit::cut);
  for (const boost::json::value& item : items_at(answer.json, {"items"})) {
    table.row({text_at(item, {"user", "id"}), text_at(item, {"role"}),
               shown_time(text_at(item, {"added_at"}), context.now()), text_at(item, {"user", "username"}),
               text_at(item, {"user", "display_name"})});
  }
  context.print(table, "No members.");
  tell_of_more(context, answer);
  return {};
}

Attempt<void> run_set(Context& context, const RoleOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, members_target(context));
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer,
                   server->put(target + "/" + user, boost::json::object{{"role", options.role}}));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(printable(options.user) + " is now " + options.role + ".\n");
  }
  return {};
}

Attempt<void> run_remove_member(Context& context, const FarewellOptions& options) {
  TALLY_TRY_ASSIGN(const std::string target, members_target(context));
  TALLY_TRY_ASSIGN(const std::string user, context.user_id_of(options.user));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const std::string asked = with_query(target + "/" + user, {{"access", options.access}, {"reason", options.reason}});
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->remove(asked));
  show_farewell(context, printable(options.user) + " is no member any more; all their tokens here are disabled.\n",
                answer);
  return {};
}

}  // namespace

void add_member_commands(CommandSpec& workspace) {
  CommandSpec& members = add_group(workspace, "members", "who belongs to a workspace: list, set, remove");
  auto list = add_command<PageOptions>(members, "list", "members and their roles (admin, operator)",
                                       "  tally workspace members list\n", run_list_members);
  add_page_options(list.spec, list.options);
  auto set =
      add_command<RoleOptions>(members, "set", "add a member, or give another role (admin, operator)",
                               "  tally workspace members set ada admin\n"
                               "  tally workspace members set usr_01kb0000000000000000000000 auditor -w Orders\n",
                               run_set);
  set.option("user", set.options.user, "by id, username, or me").required().placeholder("USER");
  set.option("role", set.options.role, "member, admin or auditor")
      .required()
      .placeholder("ROLE")
      .rule(OneOf{{"member", "admin", "auditor"}});
  auto remove = add_command<FarewellOptions>(
      members, "remove", "remove a member and disable all their tokens there (admin, operator)",
      "  tally workspace members remove ada\n"
      "  tally workspace members remove ada --access keep\n"
      "\nTheir access tokens end too, unless --access says keep: then they run out.\n",
      run_remove_member);
  add_farewell_options(remove.spec, remove.options);
}

}  // namespace tally::tools
