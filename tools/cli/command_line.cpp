#include "tools/cli/command_line.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/context.hpp"
#include "tools/cli/table.hpp"
#include "tools/nearest.hpp"

namespace tally::tools {
namespace {

void declare(CLI::App& root, GlobalOptions& options) {
  root.fallthrough();
  root.require_subcommand(1);
  root.set_help_flag("-h,--help", "print this and exit");
  root.set_version_flag("--version", "tally " TALLY_VERSION, "print the version and exit");
  root.get_formatter()->column_width(26);
  root.add_option("--url", options.url, "the server (TALLY_URL, the profile's, http://127.0.0.1:8080)")
      ->type_name("URL");
  root.add_option("--ca-file", options.ca_file, "PEM authorities to check an https server by (TALLY_CA_FILE)")
      ->type_name("FILE");
  root.add_option("-w,--workspace", options.workspace, "a workspace by id or name (TALLY_WORKSPACE, your only one)")
      ->type_name("WORKSPACE");
  root.add_flag("--json", options.json, "print the server's JSON instead of text");
  root.footer(
      "\nExamples:\n"
      "  tally login --url http://127.0.0.1:8080 ada\n"
      "  tally token generate \"build robot\" --days 90\n"
      "  tally token list --status active --sort expires_at\n"
      "  tally audit --since 24h\n"
      "  tally COMMAND --help\n\n"
      "Exit status: 0 done, 1 refused, 2 usage, 3 server or data folder not reachable,\n"
      "4 not allowed, 5 damaged, 6 ledger of a later release.");
}

/// The command that was being parsed when it went wrong, for pointing at its help.
std::string deepest_command(const CLI::App& root) {
  const auto chosen = root.get_subcommands();
  std::string name = root.get_name();
  return chosen.empty() ? name : name + " " + deepest_command(*chosen.front());
}

/// What went wrong, in words: of a command that is not known, which, and what may have been meant.
std::string words_of(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App* asked = &root;
  while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
  std::vector<std::string> known;
  for (const CLI::App* command : asked->get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  const std::vector<std::string> left = root.remaining(true);
  const auto typed = std::ranges::find_if(left, [](const std::string& word) { return !word.starts_with('-'); });
  if (known.empty() || typed == left.end()) return error.what();
  const std::string meant = nearest(*typed, known);
  return "there is no command \"" + printable(*typed) + "\"" +
         (meant.empty() ? std::string{} : ": did you mean \"" + meant + "\"?");
}

Exit tell(const Failure& failure, Surroundings& surroundings) {
  if (!failure.message.empty()) surroundings.err << "tally: " << failure.message << '\n';
  return failure.exit;
}

}  // namespace

Exit run_command_line(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  CLI::App root{"tally, the command line of an event-sourced token ledger", "tally"};
  GlobalOptions options;
  declare(root, options);
  Commands commands{root};
  add_session_commands(commands);
  add_workspace_commands(commands);
  add_user_commands(commands);
  add_operator_commands(commands);
  add_clock_commands(commands);
  add_resource_server_commands(commands);
  add_token_commands(commands);
  add_import_command(commands);
  add_keys_commands(commands);
  add_ledger_commands(commands);
  add_audit_command(commands);
  add_export_command(commands);
  add_replay_command(commands);
  add_bench_command(commands);
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};
    root.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* asked = &root;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    surroundings.out << asked->help(asked == &root ? ""
                                                   : deepest_command(root).substr(0, deepest_command(root).rfind(' ')));
    return Exit::done;
  } catch (const CLI::CallForVersion& version) {
    surroundings.out << version.what() << '\n';
    return Exit::done;
  } catch (const CLI::ParseError& error) {
    return tell({Exit::usage, words_of(root, error) + "\ntally: see " + deepest_command(root) + " --help"},
                surroundings);
  }
  Context context{surroundings, options};
  const auto done = commands.chosen()(context);
  surroundings.out.flush();
  if (done.has_error()) return tell(done.error(), surroundings);
  if (!surroundings.out) return tell({Exit::refused, "the output could not be written"}, surroundings);
  return Exit::done;
}

}  // namespace tally::tools
