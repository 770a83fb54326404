#include <ostream>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "core/base/limits.hpp"
#include "http/server/limits.hpp"
#include "tools/cli/audit_follow.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct AuditOptions {
  std::string token;
  std::string actor;
  std::string types;
  std::string since;
  std::string until;
  std::string after;
  std::string before;
  std::string order;
  int limit = http::limits::kPageItemsDefault;
  bool follow = false;
};

Attempt<std::string> rfc3339_of(const std::string& typed, core::Timestamp now) {
  if (typed.empty()) return std::string{};
  TALLY_TRY_ASSIGN(const core::Timestamp time, parse_moment(typed, now));
  return core::to_rfc3339(time);
}

std::string actor_text(const boost::json::value& event) {
  for (const std::string_view name : {"username", "id", "kind"}) {
    if (std::string text = text_at(event, {"actor", name}); !text.empty()) return text;
  }
  return {};
}

/// Through what, and with what credential: "api, access_token".
std::string via_text(const boost::json::value& event) {
  const std::string credential = text_at(event, {"credential", "kind"});
  const bool says_more = !credential.empty() && credential != "none";
  return text_at(event, {"via"}) + (says_more ? ", " + credential : std::string{});
}

std::string local_time_text(const boost::json::value& event) {
  const auto time = core::parse_rfc3339(text_at(event, {"recorded_at"}));
  return time.has_error() ? text_at(event, {"recorded_at"}) : local_second(*time);
}

void append_data(const boost::json::object& members, const std::string& within, std::string& text) {
  for (const auto& [name, value] : members) {
    const bool is_empty = value.is_string() && value.get_string().empty();
    const bool is_for_programs = name == "access_token_id" || name == "access_expires_at" || name == "policy_sequence";
    if (is_empty || is_for_programs) continue;
    if (const auto* inner = value.if_object(); inner != nullptr) {
      append_data(*inner, std::string{name} + ".", text);
      continue;
    }
    text += (text.empty() ? "" : " ") + within + std::string{name} + "=";
    text += value.is_string() ? text_at(value, {}) : boost::json::serialize(value);
  }
}

/// What a person wants to know of the event's particulars: what says something. Ids of access tokens and policies are
/// for programs, which take --json.
std::string data_text(const boost::json::value& event) {
  const boost::json::value* data = find_at(event, {"data"});
  const boost::json::object* members = data == nullptr ? nullptr : data->if_object();
  std::string text;
  if (const std::string token = text_at(event, {"credential", "token_id"}); !token.empty()) text = "with=" + token;
  if (members != nullptr) append_data(*members, {}, text);
  return text;
}

/// What is asked of the workspace's events, whatever the way.
struct Asked {
  std::string workspace_path;
  std::string actor;
  std::string since;
  std::string until;
};

Attempt<Asked> asked_of(Context& context, const AuditOptions& options) {
  Asked asked;
  TALLY_TRY_ASSIGN(asked.since, rfc3339_of(options.since, context.now()));
  TALLY_TRY_ASSIGN(asked.until, rfc3339_of(options.until, context.now()));
  asked.actor = options.actor;
  if (!asked.actor.empty() && !asked.actor.starts_with("ws_")) {
    TALLY_TRY_ASSIGN(asked.actor, context.user_id_of(asked.actor));
  }
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  asked.workspace_path = "/v1/workspaces/" + workspace;
  return asked;
}

/// Below that, a narrow terminal has no room for what is particular to an event.
constexpr std::size_t kColumnsWithData = 120;

void print_events(Context& context, const boost::json::array& events, bool with_headings) {
  const std::size_t columns = context.around().columns;
  const bool with_data = columns == 0 || columns >= kColumnsWithData;
  Table table;
  table.column("SEQUENCE").column("TIME").column("EVENT").column("ACTOR", Fit::cut).column("VIA").column("SUBJECT");
  if (with_data) table.column("DATA", Fit::cut);
  for (const boost::json::value& event : events) {
    std::vector<std::string> cells{number_at(event, {"sequence"}),
                                   local_time_text(event),
                                   text_at(event, {"type"}),
                                   actor_text(event),
                                   via_text(event),
                                   text_at(event, {"subject", "id"})};
    if (with_data) cells.push_back(data_text(event));
    table.row(std::move(cells));
  }
  const std::string text = table.render(columns);
  context.print(with_headings ? text : text.substr(text.find('\n') + 1));
}

void print_json_lines(Context& context, const boost::json::array& events) {
  for (const boost::json::value& event : events) context.print(boost::json::serialize(event) + "\n");
}

/// What happens from now on, unless the options say from where: a minute is what two clocks may differ by.
Attempt<void> follow(Context& context, AuditOptions options) {
  if (options.since.empty() && options.after.empty()) options.since = "1m";
  TALLY_TRY_ASSIGN(const Asked asked, asked_of(context, options));
  // After an event, whenever that was.
  const std::string since = asked.since.empty() ? core::to_rfc3339(core::Timestamp{}) : asked.since;
  const Followed followed{
      with_query(asked.workspace_path + "/events:stream",
                 {{"token", options.token}, {"actor", asked.actor}, {"type", options.types}, {"since", since}}),
      options.after};
  bool with_headings = true;
  return follow_events(context, followed, [&](const boost::json::array& events) {
    if (context.json()) {
      print_json_lines(context, events);
    } else if (!events.empty()) {
      print_events(context, events, std::exchange(with_headings, false));
    }
    context.around().out.flush();
    return context.around().out.good();
  });
}

Attempt<void> run_audit(Context& context, const AuditOptions& options) {
  if (options.follow) return follow(context, options);
  TALLY_TRY_ASSIGN(const Asked asked, asked_of(context, options));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer page,
                   server->get(with_query(asked.workspace_path + "/events", {{"token", options.token},
                                                                             {"actor", asked.actor},
                                                                             {"type", options.types},
                                                                             {"since", asked.since},
                                                                             {"until", asked.until},
                                                                             {"limit", std::to_string(options.limit)},
                                                                             {"after", options.after},
                                                                             {"before", options.before},
                                                                             {"order", options.order}})));
  const auto& events = items_at(page.json, {"items"});
  if (context.json()) {
    context.print_json(page);
    return {};
  }
  if (events.empty()) {
    context.print("No events.\n");
  } else {
    print_events(context, events, true);
  }
  for (const std::string way : {"after", "before"}) {
    const std::string next = number_at(page.json, {"next_" + way});
    if (next.empty()) continue;
    context.around().out.flush();
    context.around().err << "There are more: say --limit N, or --" << way << " " << next << ".\n";
  }
  return {};
}

}  // namespace

void add_audit_command(CommandSpec& root) {
  auto audit = add_command<AuditOptions>(
      root, "audit", "what happened in the workspace, in order (admin, auditor)",
      "  tally audit --since 24h\n"
      "  tally audit --token tok_01kb0000000000000000000000\n"
      "  tally audit --type TokenDisabled,TokenDeleted --actor ada --since 2026-11-01\n"
      "  tally audit --order newest --limit 20\n"
      "  tally audit --follow --since 5m\n"
      "\nTIME: 2026-11-23T22:10:00Z, \"2026-11-23 22:10\" (local), 2026-11-23, or how long ago as 90m, 24h, 7d.\n"
      "Reading the audit is an event itself; following it is one each quarter of an hour. If the server is\n"
      "away for a while, --follow waits for it, some four minutes, and goes on where it was.\n",
      run_audit);
  AuditOptions& options = audit.options;
  audit.option("--token", options.token, "of this token").placeholder("TOKEN");
  audit.option("--actor", options.actor, "by this person, or this OAuth client").placeholder("USER");
  audit.option("--type", options.types, "event types, separated by commas").placeholder("TYPES");
  audit.option("--since", options.since, "not before").placeholder("TIME");
  audit.option("--until", options.until, "before").placeholder("TIME");
  audit.option("--after", options.after, "after this event").placeholder("SEQUENCE").rule(NotNegative{});
  audit.option("--order", options.order, "oldest or newest first (oldest)")
      .placeholder("ORDER")
      .rule(OneOf{{"oldest", "newest"}});
  audit.option("--before", options.before, "before this event; with --order newest")
      .placeholder("SEQUENCE")
      .rule(NotNegative{})
      .needs({"--order"});
  audit.option("--limit", options.limit, "how many at most, 1 to 1000 (100)")
      .placeholder("N")
      .rule(Between{1, core::limits::kPageItemsMax});
  audit.option("-f,--follow", options.follow, "what happens from now on, or since --since, until Ctrl-C")
      .excludes({"--until", "--order", "--limit"});
}

}  // namespace tally::tools
