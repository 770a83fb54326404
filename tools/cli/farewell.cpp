#include "tools/cli/farewell.hpp"

#include <boost/json/array.hpp>

#include "core/base/time.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/table.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {

void add_farewell_options(CommandSpec& command, FarewellOptions& options) {
  command.option("user", options.user, "by id or username").required().placeholder("USER");
  command.option("--access", options.access, "end their access tokens too (revoke), or let them run out (keep)")
      .placeholder("WHAT")
      .rule(OneOf{{"revoke", "keep"}});
  command.option("--reason", options.reason, "why, for the history").placeholder("TEXT");
}

void show_farewell(Context& context, const std::string& said, const ApiAnswer& answer) {
  if (context.json()) return context.print_json(answer);
  FactSheet facts;
  facts.fact("Tokens disabled", number_at(answer.json, {"tokens_disabled"}))
      .fact("Access ended of others", number_at(answer.json, {"access_revoked"}))
      .fact("Sessions ended", number_at(answer.json, {"sessions_ended"}))
      .fact("Refused here from", shown_time(text_at(answer.json, {"dead_here_at"}), context.now()))
      .fact("Known by status lists", shown_time(text_at(answer.json, {"dead_in_status_lists_by"}), context.now()))
      .fact("Dead everywhere by", shown_time(text_at(answer.json, {"dead_everywhere_by"}), context.now()));
  std::string text = said + facts.render();
  for (const boost::json::value& workspace : items_at(answer.json, {"workspaces_without_admin"})) {
    if (workspace.is_string()) {
      text.append("Without an admin now; appoint one with tally workspace members set NAME admin -w ")
          .append(std::string_view{workspace.as_string()})
          .append("\n");
    }
  }
  context.print(text);
}

}  // namespace tally::tools
