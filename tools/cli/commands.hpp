#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/cli/context.hpp"
#include "tools/cli/outcome.hpp"

namespace tally::tools {

/// One command with its options.
template <class Options>
struct Command {
  CLI::App& app;
  Options& options;
};

/// Where the groups of commands enter themselves, and which one was chosen.
class Commands {
 public:
  using Run = std::function<Attempt<void>(Context&)>;

  explicit Commands(CLI::App& root) : root_(root) {}
  [[nodiscard]] CLI::App& root() { return root_; }

  /// A word that only stands before other commands.
  CLI::App& group(CLI::App& parent, const std::string& name, const std::string& what) {
    CLI::App* made = parent.add_subcommand(name, what);
    made->require_subcommand(1);
    return *made;
  }

  /// `examples`: one command line per line.
  template <class Options>
  Command<Options> add(CLI::App& parent, const std::string& name, const std::string& what, const std::string& examples,
                       Attempt<void> (*run)(Context&, const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* app = parent.add_subcommand(name, what);
    app->footer("\nExamples:\n" + examples +
                "\nEvery command also takes --url URL, --workspace WORKSPACE and --json: see tally --help");
    app->callback(
        [this, options, run] { chosen_ = [options, run](Context& context) { return run(context, *options); }; });
    return {*app, *options};
  }

  /// Of the last parse; empty if no command was given.
  [[nodiscard]] const Run& chosen() const { return chosen_; }

 private:
  CLI::App& root_;
  Run chosen_;
};

void add_session_commands(Commands& commands);
void add_workspace_commands(Commands& commands);
void add_member_commands(Commands& commands, CLI::App& workspace);
void add_user_commands(Commands& commands);
void add_operator_commands(Commands& commands);
void add_clock_commands(Commands& commands);
void add_resource_server_commands(Commands& commands);
void add_token_commands(Commands& commands);
void add_token_stop_commands(Commands& commands, CLI::App& token);
void add_import_command(Commands& commands);
void add_keys_commands(Commands& commands);
void add_ledger_commands(Commands& commands);
void add_audit_command(Commands& commands);
void add_export_command(Commands& commands);
void add_replay_command(Commands& commands);
void add_bench_command(Commands& commands);

}  // namespace tally::tools
