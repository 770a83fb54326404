#include <ostream>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "core/limits.hpp"
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
  int limit = core::limits::kPageItemsDefault;
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

/// What a person wants to know of the event's particulars: the short ones that say something. Ids of access tokens and
/// policies are for programs, which take --json.
std::string data_text(const boost::json::value& event) {
  const boost::json::value* data = find_at(event, {"data"});
  const boost::json::object* members = data == nullptr ? nullptr : data->if_object();
  std::string text;
  if (const std::string token = text_at(event, {"credential", "token_id"}); !token.empty()) text = "with=" + token;
  if (members == nullptr) return text;
  for (const auto& [name, value] : *members) {
    const bool is_empty = value.is_string() && value.get_string().empty();
    const bool is_for_programs = name == "access_token_id" || name == "access_expires_at" || name == "policy_sequence";
    if (value.is_object() || value.is_array() || is_empty || is_for_programs) continue;
    text += (text.empty() ? "" : " ") + std::string{name} + "=";
    text += value.is_string() ? text_at(value, {}) : boost::json::serialize(value);
  }
  return text;
}

/// The filters as the API takes them, and the place from which the next page goes on.
class AuditReader {
 public:
  static Attempt<AuditReader> make(Context& context, const AuditOptions& options) {
    AuditReader reader;
    TALLY_TRY_ASSIGN(const std::string since, rfc3339_of(options.since, context.now()));
    TALLY_TRY_ASSIGN(const std::string until, rfc3339_of(options.until, context.now()));
    std::string actor = options.actor;
    if (!actor.empty() && !actor.starts_with("ws_")) {
      TALLY_TRY_ASSIGN(actor, context.user_id_of(actor));
    }
    TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
    reader.target_ = with_query("/v1/workspaces/" + workspace + "/events", {{"token", options.token},
                                                                            {"actor", actor},
                                                                            {"type", options.types},
                                                                            {"since", since},
                                                                            {"until", until},
                                                                            {"limit", std::to_string(options.limit)}});
    reader.after_ = options.after;
    return reader;
  }

  Attempt<ApiAnswer> next(Context& context) {
    TALLY_TRY_ASSIGN(Api * server, context.api());
    TALLY_TRY_ASSIGN(ApiAnswer page, server->get(after_.empty() ? target_ : target_ + "&after=" + after_));
    const auto& items = items_at(page.json, {"items"});
    goes_on_ = !number_at(page.json, {"next_after"}).empty();
    if (goes_on_) {
      after_ = number_at(page.json, {"next_after"});
    } else if (!items.empty()) {
      after_ = number_at(items.back(), {"sequence"});
    }
    return page;
  }
  [[nodiscard]] bool goes_on() const { return goes_on_; }

 private:
  std::string target_;
  std::string after_;  ///< A sequence number; empty: from the beginning.
  bool goes_on_ = false;
};

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

Attempt<void> follow(Context& context, AuditReader& reader) {
  bool with_headings = true;
  for (;;) {
    TALLY_TRY_ASSIGN(const ApiAnswer page, reader.next(context));
    const auto& events = items_at(page.json, {"items"});
    if (context.json()) {
      print_json_lines(context, events);
    } else if (!events.empty()) {
      print_events(context, events, with_headings);
      with_headings = false;
    }
    context.around().out.flush();
    if (!context.around().out) return {};  // whoever read it is gone
    if (!reader.goes_on() && !context.around().wait_for_next_poll()) return {};
  }
}

Attempt<void> run_audit(Context& context, const AuditOptions& options) {
  TALLY_TRY_ASSIGN(AuditReader reader, AuditReader::make(context, options));
  if (options.follow) return follow(context, reader);
  TALLY_TRY_ASSIGN(const ApiAnswer page, reader.next(context));
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
  if (reader.goes_on()) {
    context.around().out.flush();
    context.around().err << "There are more: say --limit N, or --after " << number_at(page.json, {"next_after"})
                         << ".\n";
  }
  return {};
}

}  // namespace

void add_audit_command(Commands& commands) {
  auto audit = commands.add<AuditOptions>(
      commands.root(), "audit", "what happened in the workspace, in order (admin, auditor)",
      "  tally audit --since 24h\n"
      "  tally audit --token tok_01kb0000000000000000000000\n"
      "  tally audit --type TokenDisabled,TokenDeleted --actor ada --since 2026-11-01\n"
      "  tally audit --follow --since 5m\n"
      "\nTIME: 2026-11-23T22:10:00Z, \"2026-11-23 22:10\" (local), 2026-11-23, or how long ago as 90m, 24h, 7d.\n"
      "Reading the audit is an event itself.\n",
      run_audit);
  AuditOptions& options = audit.options;
  audit.app.add_option("--token", options.token, "of this token")->type_name("TOKEN");
  audit.app.add_option("--actor", options.actor, "by this person, or this OAuth client")->type_name("USER");
  audit.app.add_option("--type", options.types, "event types, separated by commas")->type_name("TYPES");
  audit.app.add_option("--since", options.since, "not before")->type_name("TIME");
  CLI::Option* until = audit.app.add_option("--until", options.until, "before")->type_name("TIME");
  audit.app.add_option("--after", options.after, "after this event")
      ->type_name("SEQUENCE")
      ->check(CLI::NonNegativeNumber);
  audit.app.add_option("--limit", options.limit, "how many at most, 1 to 1000 (100)")
      ->type_name("N")
      ->check(CLI::Range(1, core::limits::kPageItemsMax));
  audit.app.add_flag("-f,--follow", options.follow, "go on with what happens from now, until Ctrl-C")->excludes(until);
}

}  // namespace tally::tools
