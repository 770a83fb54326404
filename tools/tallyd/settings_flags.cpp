#include "tools/tallyd/settings_flags.hpp"

#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/tallyd/settings_table.hpp"

namespace tally::tools {
namespace {

/// What is done once, or said by whoever looks on: never in a file, where it would stay.
void add_flags_only(CLI::App& parser, SettingsFlags& flags) {
  parser.add_flag("--init", flags.makes_ledger, "make a new ledger in the data folder, and refuse if there is one");
  parser.add_flag("--upgrade-storage", flags.upgrades_storage,
                  "bring a ledger of an earlier storage version to this release's, then serve; copy the data folder "
                  "before: there is no other way back");
  parser.add_flag("--accept-issuer-change", flags.accepts_issuer_change,
                  "let --issuer be another than this ledger was given before; access tokens that live are dead then");
  parser.add_flag("--core-dumps", flags.dumps_core, "allow core dumps, which hold secrets");
  parser.add_flag("--check-config", flags.checks_only,
                  "check settings, files and folder, change nothing, and exit (0 good, 2 or 3 as a start would)");
  parser.add_flag("--json", flags.wants_json, "with --check-config: tell as JSON");
}

std::unique_ptr<CLI::App> make_parser(SettingsFlags& flags) {
  auto parser = std::make_unique<CLI::App>("tallyd, the server of an event-sourced token ledger", "tallyd");
  parser->allow_extras();
  parser->set_help_flag("-h,--help", "print this and exit");
  parser->add_flag("--version", flags.wants_version, "print the version and exit");
  parser->add_option("--config", flags.config, "a TOML file with any of the settings below (TALLY_CONFIG)")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  for (const SettingEntry& entry : settings_table()) {
    const std::string help = std::string{entry.help} + " [" + variable_of(entry) + "]";
    std::string& value = flags.values[entry.name];
    CLI::Option* option = *entry.placeholder == '\0'
                              ? parser->add_flag(flag_of(entry), value, help)
                              : parser->add_option(flag_of(entry), value, help)->type_name(entry.placeholder);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  add_flags_only(*parser, flags);
  parser->footer(
      "\nSettings come from the file, then the variables, then the flags; the later wins.\n"
      "The first start on an empty folder creates the person \"operator\", with the password from\n"
      "TALLY_OPERATOR_PASSWORD or --operator-password-file, or else a random one printed once.\n\n"
      "Examples:\n"
      "  tallyd --data-dir /var/lib/tally\n"
      "  tallyd --data-dir ./data --listen 127.0.0.1:0 --log-level warning\n"
      "  tallyd --config /etc/tally/tallyd.toml --listen 0.0.0.0:443 --issuer https://tokens.example.com \\\n"
      "         --tls-certificate fullchain.pem --tls-key privkey.pem\n"
      "  tallyd --config /etc/tally/tallyd.toml --listen 0.0.0.0:8080 --behind-proxy --issuer "
      "https://tokens.example.com\n\n"
      "SIGHUP reads the TLS files again: new connections use them; if they are not good, the old ones stay.\n"
      "Exit status: 0 stopped on request, 2 usage, 3 data folder or address not usable, 5 damaged or unexpected "
      "ledger,\n"
      "6 ledger of a later release.");
  return parser;
}

}  // namespace

SettingsFlags read_settings_flags(const std::vector<std::string>& arguments) {
  SettingsFlags flags;
  const auto parser = make_parser(flags);
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};
    parser->parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    flags.wants_help = true;
  } catch (const CLI::ParseError& error) {
    flags.mistake = error.what();
  }
  if (flags.wants_help || flags.mistake) {
    flags.values.clear();
    return flags;
  }
  for (const SettingEntry& entry : settings_table()) {
    if (parser->count(flag_of(entry)) == 0) flags.values.erase(entry.name);
  }
  flags.unknown = parser->remaining();
  return flags;
}

std::string settings_help() {
  SettingsFlags flags;
  return make_parser(flags)->help();
}

}  // namespace tally::tools
