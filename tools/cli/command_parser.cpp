#include "tools/cli/command_parser.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/base/nearest.hpp"
#include "tools/cli/table.hpp"

namespace tally::tools {
namespace {

/// Makes a rule of ours one of CLI11's.
class RuleGiver {
 public:
  explicit RuleGiver(CLI::Option& option) : option_(option) {}

  void operator()(const AnyValue&) const {}
  void operator()(const NotEmpty&) const {
    option_.check([](const std::string& given) { return std::string{given.empty() ? "must not be empty" : ""}; });
  }
  void operator()(const NotNegative&) const { option_.check(CLI::NonNegativeNumber); }
  void operator()(const OneOf& rule) const { option_.check(CLI::IsMember(rule.choices)); }
  void operator()(const Between& rule) const { option_.check(CLI::Range(rule.min, rule.max)); }

 private:
  CLI::Option& option_;
};

void enter_option(CLI::App& app, const OptionSpec& spec) {
  CLI::Option* option = std::visit(
      [&]<class Target>(Target* target) {
        if constexpr (std::is_same_v<Target, bool>) {
          return app.add_flag(spec.names, *target, spec.help);
        } else {
          return app.add_option(spec.names, *target, spec.help);
        }
      },
      spec.target);
  if (!spec.placeholder.empty()) option->type_name(spec.placeholder);
  if (!spec.variable.empty()) option->envname(spec.variable);
  option->required(spec.is_required);
  std::visit(RuleGiver{*option}, spec.rule);
}

/// CLI11 knows an option by any of its names.
std::string first_name(const OptionSpec& spec) { return spec.names.substr(0, spec.names.find(',')); }

/// Enters the command's options and all that stands below it. `chosen` becomes the one whose words were given.
void enter(CLI::App& app, const CommandSpec& command, const CommandSpec*& chosen) {
  for (const OptionSpec& spec : command.options) enter_option(app, spec);
  for (const OptionSpec& spec : command.options) {
    CLI::Option* option = app.get_option(first_name(spec));
    for (const std::string& name : spec.needed) option->needs(app.get_option(name));
    for (const std::string& name : spec.excluded) option->excludes(app.get_option(name));
  }
  if (!command.examples.empty()) app.footer("\nExamples:\n" + command.examples + "\n" + command.closing);
  if (command.run) {
    app.callback([&chosen, &command] { chosen = &command; });
  } else {
    app.require_subcommand(1);
  }
  for (const CommandSpec& below : command.commands) enter(*app.add_subcommand(below.word, below.what), below, chosen);
}

const CLI::App& deepest(const CLI::App& root) {
  const CLI::App* asked = &root;
  while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
  return *asked;
}

/// The words before the last of the command that was being parsed: "tally token" of "tally token list".
std::string words_before(const CLI::App& root, const CLI::App& command) {
  std::string words;
  for (const CLI::App* app = &root; app != &command; app = app->get_subcommands().front()) {
    words += (words.empty() ? "" : " ") + app->get_name();
  }
  return words;
}

/// What went wrong, in words: of a command that is not known, which, and what may have been meant.
std::string words_of(const CLI::App& root, const CLI::ParseError& error) {
  std::vector<std::string> known;
  for (const CLI::App* command : deepest(root).get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  const std::vector<std::string> left = root.remaining(true);
  const auto typed = std::ranges::find_if(left, [](const std::string& word) { return !word.starts_with('-'); });
  if (known.empty() || typed == left.end()) return error.what();
  const std::string meant = nearest(*typed, known);
  return "there is no command \"" + printable(*typed) + "\"" +
         (meant.empty() ? std::string{} : ": did you mean \"" + meant + "\"?");
}

}  // namespace

Attempt<ParsedCommandLine> parse_command_line(const CommandSpec& root, const std::string& version,
                                              const std::vector<std::string>& arguments) {
  ParsedCommandLine parsed;
  CLI::App app{root.what, root.word};
  app.fallthrough();
  app.set_help_flag("-h,--help", "print this and exit");
  app.set_version_flag("--version", version, "print the version and exit");
  app.get_formatter()->column_width(26);
  enter(app, root, parsed.chosen);
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const CLI::App& asked = deepest(app);
    return ParsedCommandLine{nullptr, asked.help(words_before(app, asked))};
  } catch (const CLI::CallForVersion& asked) {
    return ParsedCommandLine{nullptr, std::string{asked.what()} + "\n"};
  } catch (const CLI::ParseError& error) {
    const CLI::App& asked = deepest(app);
    const std::string before = words_before(app, asked);
    return Failure{Exit::usage, words_of(app, error) + "\ntally: see " + before + (before.empty() ? "" : " ") +
                                    asked.get_name() + " --help"};
  }
  return parsed;
}

}  // namespace tally::tools
