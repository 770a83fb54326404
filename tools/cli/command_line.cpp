#include "tools/cli/command_line.hpp"

#include <ostream>

#include "tools/cli/command_parser.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {
namespace {

Exit tell_failure(const Failure& failure, Surroundings& surroundings) {
  if (!failure.message.empty()) surroundings.err << "tally: " << failure.message << '\n';
  return failure.exit;
}

}  // namespace

Exit run_command_line(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  GlobalOptions options;
  const CommandSpec commands = all_commands(options);
  const auto parsed = parse_command_line(commands, "tally " TALLY_VERSION, arguments);
  if (parsed.has_error()) return tell_failure(parsed.error(), surroundings);
  if (parsed->chosen == nullptr) {
    surroundings.out << parsed->told;
    return Exit::done;
  }
  Context context{surroundings, options};
  const auto done = parsed->chosen->run(context);
  surroundings.out.flush();
  if (done.has_error()) return tell_failure(done.error(), surroundings);
  if (!surroundings.out) return tell_failure({Exit::refused, "the output could not be written"}, surroundings);
  return Exit::done;
}

}  // namespace tally::tools
