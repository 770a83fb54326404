#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tools/cli/command_spec.hpp"
#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// A command that was entered just now, with what its options are read into.
template <class Options>
struct Command {
  CommandSpec& spec;
  Options& options;

  template <class Target>
  OptionDraft option(std::string names, Target& target, std::string help) {
    return spec.option(std::move(names), target, std::move(help));
  }
};

/// Enters a word that only stands before other commands.
CommandSpec& add_group(CommandSpec& parent, std::string word, std::string what);

/// Enters a command. `examples`: one command line per line.
CommandSpec& add_command(CommandSpec& parent, std::string word, std::string what, std::string examples,
                         std::function<Attempt<void>(Context&)> run);

/// The same, with options: `run` gets them.
template <class Options>
Command<Options> add_command(CommandSpec& parent, std::string word, std::string what, std::string examples,
                             Attempt<void> (*run)(Context&, const Options&)) {
  auto options = std::make_shared<Options>();
  CommandSpec& entered = add_command(parent, std::move(word), std::move(what), std::move(examples),
                                     [options, run](Context& context) { return run(context, *options); });
  return {entered, *options};
}

/// Every command of `tally`, and, as the root's own, the options that each of them takes: they go to `options`, which
/// outlives it.
CommandSpec all_commands(GlobalOptions& options);

// Where the groups of commands enter themselves.
void add_session_commands(CommandSpec& root);
void add_workspace_commands(CommandSpec& root);
void add_member_commands(CommandSpec& workspace);
void add_user_commands(CommandSpec& root);
void add_operator_commands(CommandSpec& root);
void add_clock_commands(CommandSpec& root);
void add_resource_server_commands(CommandSpec& root);
void add_token_commands(CommandSpec& root);
void add_token_stop_commands(CommandSpec& token);
void add_import_command(CommandSpec& root);
void add_keys_commands(CommandSpec& root);
void add_ledger_commands(CommandSpec& root);
void add_audit_command(CommandSpec& root);
void add_export_command(CommandSpec& root);
void add_replay_command(CommandSpec& root);
void add_verify_command(CommandSpec& root);
void add_recover_command(CommandSpec& root);
void add_bench_command(CommandSpec& root);

}  // namespace tally::tools
