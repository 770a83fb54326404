#include "tools/cli/paging.hpp"

#include <ostream>
#include <vector>

#include <boost/json/serialize.hpp>

#include "core/base/limits.hpp"
#include "tools/cli/json_text.hpp"

namespace tally::tools {
namespace {

std::string page_target(const std::string& target, const PageOptions& options, const std::string& cursor) {
  const int limit = options.all ? core::limits::kPageItemsMax : options.limit;
  const char* separator = target.find('?') == std::string::npos ? "?" : "&";
  return target + separator + with_query("", {{"limit", std::to_string(limit)}, {"cursor", cursor}}).substr(1);
}

}  // namespace

void add_page_options(CommandSpec& command, PageOptions& options) {
  command.option("--limit", options.limit, "how many at most, 1 to 1000 (100)")
      .placeholder("N")
      .rule(Between{1, core::limits::kPageItemsMax});
  command.option("--all", options.all, "all of them").excludes({"--limit"});
}

Attempt<ApiAnswer> get_items(Context& context, const std::string& target,
                             std::initializer_list<std::pair<std::string_view, std::string>> parameters,
                             const PageOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const std::string filtered = with_query(target, parameters);
  TALLY_TRY_ASSIGN(ApiAnswer answer, server->get(page_target(filtered, options, {})));
  if (!options.all || text_at(answer.json, {"next_cursor"}).empty()) return answer;
  boost::json::array items = items_at(answer.json, {"items"});
  for (std::string cursor = text_at(answer.json, {"next_cursor"}); !cursor.empty();) {
    TALLY_TRY_ASSIGN(const ApiAnswer page, server->get(page_target(filtered, options, cursor)));
    for (const boost::json::value& item : items_at(page.json, {"items"})) items.push_back(item);
    cursor = text_at(page.json, {"next_cursor"});
  }
  answer.json = boost::json::object{{"items", std::move(items)}};
  answer.text = boost::json::serialize(answer.json);
  return answer;
}

void tell_of_more(Context& context, const ApiAnswer& answer) {
  if (text_at(answer.json, {"next_cursor"}).empty()) return;
  context.around().out.flush();
  context.around().err << "There are more: say --limit N or --all.\n";
}

}  // namespace tally::tools
