#include <optional>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct StopOptions {
  std::vector<std::string> ids;
  std::string reason;
  bool revoke_access = false;
  std::string issued_before;
  std::string owner;
};

boost::json::object body_of(const StopOptions& options) {
  boost::json::object body;
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (options.revoke_access) body["access"] = "revoke";
  return body;
}

/// What to exit with when some of several were not done: all is told in the table.
Attempt<void> verdict_on(const boost::json::array& results) {
  std::size_t missing = 0;
  std::size_t forbidden = 0;
  for (const boost::json::value& result : results) {
    const std::string outcome = text_at(result, {"outcome"});
    missing += outcome == "not_found" ? 1U : 0U;
    forbidden += outcome == "forbidden" ? 1U : 0U;
  }
  if (missing + forbidden == 0) return {};
  return Failure{forbidden > 0 ? Exit::not_allowed : Exit::refused,
                 std::to_string(missing + forbidden) + " of " + std::to_string(results.size()) + " not done"};
}

Attempt<void> stop(Context& context, const StopOptions& options, const std::string& operation) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  boost::json::object body = body_of(options);
  body["ids"] = boost::json::array(options.ids.begin(), options.ids.end());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/workspaces/" + workspace + "/tokens:" + operation, body));
  const boost::json::array& results = items_at(answer.json, {"results"});
  if (context.json()) {
    context.print_json(answer);
  } else {
    Table table;
    table.column("TOKEN").column("OUTCOME");
    for (const boost::json::value& result : results) {
      std::string outcome = text_at(result, {"outcome"});
      for (char& letter : outcome) letter = letter == '_' ? ' ' : letter;
      table.row({text_at(result, {"id"}), outcome});
    }
    context.print(table, "Nothing.");
  }
  return verdict_on(results);
}

Attempt<void> disable_issued_before(Context& context, const StopOptions& options) {
  TALLY_TRY_ASSIGN(const core::Timestamp time, parse_moment(options.issued_before, context.now()));
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  boost::json::object body{{"time", core::to_rfc3339(time)}};
  if (options.revoke_access) body["access"] = "revoke";
  if (!options.owner.empty()) {
    TALLY_TRY_ASSIGN(const std::string owner, context.user_id_of(options.owner));
    body["owner"] = owner;
  }
  TALLY_TRY_ASSIGN(const ApiAnswer answer,
                   server->post("/v1/workspaces/" + workspace + "/tokens:disableIssuedBefore", body));
  if (context.json()) {
    context.print_json(answer);
  } else {
    const std::string count = number_at(answer.json, {"count"});
    context.print(count + (count == "1" ? " token" : " tokens") + " created before " + local_second(time) +
                  " disabled.\n");
  }
  return {};
}

Attempt<void> run_disable(Context& context, const StopOptions& options) {
  if (options.issued_before.empty()) {
    if (!options.owner.empty()) return Failure{Exit::usage, "--owner goes with --issued-before"};
    if (options.ids.empty()) return Failure{Exit::usage, "say which tokens, or --issued-before TIME"};
    return stop(context, options, "batchDisable");
  }
  if (!options.reason.empty()) return Failure{Exit::usage, "--reason does not go with --issued-before"};
  return disable_issued_before(context, options);
}

Attempt<void> run_delete(Context& context, const StopOptions& options) { return stop(context, options, "batchDelete"); }

void add_common_options(Command<StopOptions>& command) {
  command.option("--reason", command.options.reason, "why, for the history").placeholder("TEXT");
  command.option("--revoke-access", command.options.revoke_access,
                 "end the access tokens too, and every token that it generated; without it these go on");
}

}  // namespace

void add_token_stop_commands(CommandSpec& token) {
  auto disable = add_command<StopOptions>(
      token, "disable", "stop tokens for good; they stay listed",
      "  tally token disable tok_01kb0000000000000000000000 --reason \"lost laptop\" --revoke-access\n"
      "  tally token disable tok_01kb0000000000000000000000 tok_01kb0000000000000000000001\n"
      "  tally token disable --issued-before \"2026-11-01 09:00\" --revoke-access\n",
      run_disable);
  disable.option("tokens", disable.options.ids, "their ids, up to 1000").placeholder("TOKEN");
  add_common_options(disable);
  disable.option("--issued-before", disable.options.issued_before, "every token created before this time (admin)")
      .placeholder("TIME")
      .excludes({"tokens"});
  disable.option("--owner", disable.options.owner, "with --issued-before: only this person's").placeholder("USER");
  auto remove = add_command<StopOptions>(
      token, "delete", "stop tokens for good and take them off every list; their history stays",
      "  tally token delete tok_01kb0000000000000000000000 --reason \"not needed\"\n", run_delete);
  remove.option("tokens", remove.options.ids, "their ids, up to 1000").required().placeholder("TOKEN");
  add_common_options(remove);
}

}  // namespace tally::tools
