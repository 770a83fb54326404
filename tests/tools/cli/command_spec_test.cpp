#include "tools/cli/command_spec.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tools/cli/command_parser.hpp"
#include "tools/cli/commands.hpp"

namespace tally::tools {
namespace {

bool has_option(const CommandSpec& command, const std::string& name) {
  return std::ranges::any_of(command.options, [&](const OptionSpec& option) {
    return ("," + option.names + ",").find("," + name + ",") != std::string::npos;
  });
}

void check(const CommandSpec& command, const std::string& words) {
  CAPTURE(words);
  CHECK_FALSE(command.what.empty());
  CHECK(static_cast<bool>(command.run) == command.commands.empty());
  if (command.run) CHECK_THAT(command.examples, Catch::Contains(words));
  for (const OptionSpec& option : command.options) {
    CAPTURE(option.names);
    CHECK_FALSE(option.help.empty());
    for (const std::string& name : option.needed) CHECK(has_option(command, name));
    for (const std::string& name : option.excluded) CHECK(has_option(command, name));
  }
  for (const CommandSpec& below : command.commands) check(below, words + " " + below.word);
}

/// A root with one command, which has an option of each form.
struct Sample {
  struct Options {
    std::string name;
    std::optional<int> days;
    std::vector<std::string> tags;
    unsigned seconds = 7;
    bool now = false;
    std::string order;
  };
  Sample() : options(enter()) {}

  Options& enter() {
    auto made = add_command<Options>(root, "make", "makes", "  sample make x\n",
                                     [](Context&, const Options&) { return Attempt<void>{}; });
    made.option("name", made.options.name, "a name").required().placeholder("NAME");
    made.option("-d,--days", made.options.days, "days").rule(Between{1, 9});
    made.option("--tag", made.options.tags, "tags").rule(OneOf{{"a", "b"}});
    made.option("--seconds", made.options.seconds, "seconds").excludes({"--now"});
    made.option("--now", made.options.now, "at once");
    made.option("--order", made.options.order, "in what order").rule(NotEmpty{}).needs({"--days"});
    return made.options;
  }
  [[nodiscard]] Attempt<ParsedCommandLine> parse(const std::vector<std::string>& arguments) const {
    return parse_command_line(root, "sample 1", arguments);
  }

  CommandSpec root{"sample", "a sample"};
  Options& options;
};

}  // namespace

TEST_CASE("commands: each runs or stands before others, and its options name options of its own", "[tools][cli]") {
  GlobalOptions options;
  const CommandSpec root = all_commands(options);
  CHECK(root.commands.size() > 10);
  check(root, "tally");
}

TEST_CASE("command parser: what was given is where it belongs", "[tools][cli]") {
  const Sample sample;
  const auto parsed = sample.parse({"make", "x", "-d", "3", "--tag", "a", "b", "--now", "--order", "up"});
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->chosen == &sample.root.commands.front());
  CHECK(sample.options.name == "x");
  CHECK(sample.options.days == 3);
  CHECK(sample.options.tags == std::vector<std::string>{"a", "b"});
  CHECK(sample.options.seconds == 7);
  CHECK(sample.options.now);
  CHECK(sample.options.order == "up");
}

TEST_CASE("command parser: what breaks a rule is a mistake of usage that names the option", "[tools][cli]") {
  const auto [arguments, named] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"make"}, "name"},
      {{"make", "x", "--days", "10"}, "--days"},
      {{"make", "x", "--days", "soon"}, "--days"},
      {{"make", "x", "--tag", "c"}, "--tag"},
      {{"make", "x", "--seconds", "1", "--now"}, "--now"},
      {{"make", "x", "--order", "up"}, "--days"},
      {{"make", "x", "--days", "1", "--order", ""}, "--order"},
      {{"mak"}, "make"},
  }));
  CAPTURE(arguments);
  const auto parsed = Sample{}.parse(arguments);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().exit == Exit::usage);
  CHECK_THAT(parsed.error().message, Catch::Contains(named) && Catch::Contains("--help"));
}

TEST_CASE("command parser: help and version are told, and nothing is chosen", "[tools][cli]") {
  const Sample sample;
  const auto help = sample.parse({"make", "--help"});
  REQUIRE(help.has_value());
  CHECK(help->chosen == nullptr);
  CHECK_THAT(help->told, Catch::Contains("Usage: sample make") && Catch::Contains("Examples:\n  sample make x\n"));
  const auto version = sample.parse({"--version"});
  REQUIRE(version.has_value());
  CHECK(version->told == "sample 1\n");
}

}  // namespace tally::tools
