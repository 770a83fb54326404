#include "tools/cli/commands.hpp"

namespace tally::tools {
namespace {

CommandSpec root_of(GlobalOptions& options) {
  CommandSpec root{"tally", "tally, the command line of an event-sourced token ledger"};
  root.option("--url", options.url, "the server (TALLY_URL, the profile's, http://127.0.0.1:8080)").placeholder("URL");
  root.option("--ca-file", options.ca_file, "PEM authorities to check an https server by (TALLY_CA_FILE)")
      .placeholder("FILE");
  root.option("-w,--workspace", options.workspace, "a workspace by id or name (TALLY_WORKSPACE, your only one)")
      .placeholder("WORKSPACE");
  root.option("--json", options.json, "print the server's JSON instead of text");
  root.examples =
      "  tally login --url http://127.0.0.1:8080 ada\n"
      "  tally token generate \"build robot\" --days 90\n"
      "  tally token list --status active --sort expires_at\n"
      "  tally audit --since 24h\n"
      "  tally COMMAND --help\n";
  root.closing =
      "Exit status: 0 done, 1 refused, 2 usage, 3 server or data folder not reachable,\n"
      "4 not allowed, 5 damaged, 6 ledger of a later release.";
  return root;
}

}  // namespace

CommandSpec& add_group(CommandSpec& parent, std::string word, std::string what) {
  return parent.commands.emplace_back(CommandSpec{std::move(word), std::move(what)});
}

CommandSpec& add_command(CommandSpec& parent, std::string word, std::string what, std::string examples,
                         std::function<Attempt<void>(Context&)> run) {
  CommandSpec& entered = add_group(parent, std::move(word), std::move(what));
  entered.examples = std::move(examples);
  entered.closing = "Every command also takes --url URL, --workspace WORKSPACE and --json: see tally --help";
  entered.run = std::move(run);
  return entered;
}

CommandSpec all_commands(GlobalOptions& options) {
  CommandSpec root = root_of(options);
  add_session_commands(root);
  add_workspace_commands(root);
  add_user_commands(root);
  add_operator_commands(root);
  add_clock_commands(root);
  add_resource_server_commands(root);
  add_token_commands(root);
  add_import_command(root);
  add_keys_commands(root);
  add_ledger_commands(root);
  add_audit_command(root);
  add_export_command(root);
  add_replay_command(root);
  add_verify_command(root);
  add_recover_command(root);
  add_bench_command(root);
  return root;
}

}  // namespace tally::tools
