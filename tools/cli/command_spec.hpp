#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/client/outcome.hpp"

namespace tally::tools {

class Context;

/// Where the value of an option goes. An option of a bool* is a flag, which takes no value; of a vector* it takes one
/// value or more.
using OptionTarget = std::variant<bool*, std::string*, int*, unsigned*, std::uint64_t*, std::optional<std::string>*,
                                  std::optional<int>*, std::vector<std::string>*, std::vector<std::size_t>*>;

/// What a value must be, beyond its type.
struct AnyValue {};
struct NotEmpty {};  ///< An unset variable of a script is not the wish for something else.
struct NotNegative {};
struct OneOf {
  std::vector<std::string> choices;
};
struct Between {
  int min = 0;
  int max = 0;
};
using OptionRule = std::variant<AnyValue, NotEmpty, NotNegative, OneOf, Between>;

/// One option of a command, as data.
struct OptionSpec {
  std::string names;  ///< "--owner", "-o,--output", or, for what is told by its place, a word without dashes.
  OptionTarget target;
  std::string help;
  std::string placeholder = {};  ///< Empty: a word for the target's type.
  std::string variable = {};     ///< Of the environment: read if the option is not given. Empty: none.
  bool is_required = false;
  OptionRule rule = AnyValue{};
  std::vector<std::string> needed = {};    ///< Names of the same command's options that must be given, too.
  std::vector<std::string> excluded = {};  ///< Names of the same command's options that must not be given beside it.
};

/// Says more of an option that was entered just now. Lifetime: until the next option of the command.
class OptionDraft {
 public:
  explicit OptionDraft(OptionSpec& spec) : spec_(spec) {}

  OptionDraft& placeholder(std::string word) {
    spec_.placeholder = std::move(word);
    return *this;
  }
  OptionDraft& variable(std::string name) {
    spec_.variable = std::move(name);
    return *this;
  }
  OptionDraft& required() {
    spec_.is_required = true;
    return *this;
  }
  OptionDraft& rule(OptionRule rule) {
    spec_.rule = std::move(rule);
    return *this;
  }
  OptionDraft& needs(std::initializer_list<std::string> names) {
    spec_.needed.insert(spec_.needed.end(), names);
    return *this;
  }
  OptionDraft& excludes(std::initializer_list<std::string> names) {
    spec_.excluded.insert(spec_.excluded.end(), names);
    return *this;
  }

 private:
  OptionSpec& spec_;
};

/// One command, or a word that only stands before other commands, as data: what is parsed by and what help is made of.
/// Lifetime: what its targets point at outlives it, or is kept alive by `run`.
struct CommandSpec {
  std::string word;
  std::string what;
  std::string examples = {};  ///< One command line per line, and what is to be said of them.
  std::string closing = {};   ///< Said after the examples.
  std::vector<OptionSpec> options = {};
  std::list<CommandSpec> commands = {};             ///< In the order of the help. A list: they stay where they are.
  std::function<Attempt<void>(Context&)> run = {};  ///< Empty if it only stands before others.

  /// Enters an option whose value goes to `target`.
  template <class Target>
  OptionDraft option(std::string names, Target& target, std::string help) {
    return OptionDraft{options.emplace_back(OptionSpec{std::move(names), &target, std::move(help)})};
  }
};

}  // namespace tally::tools
