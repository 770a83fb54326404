#include "tools/tallyd/settings.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <toml++/toml.h>

#include "tools/base/toml_names.hpp"
#include "tools/tallyd/settings_file.hpp"
#include "tools/tallyd/settings_flags.hpp"
#include "tools/tallyd/settings_table.hpp"
#include "tools/tallyd/unknown_variables.hpp"

namespace tally::tools {
namespace {

/// Of a key of the file that is written as the flag is.
std::string advice_for(std::string key) {
  std::ranges::replace(key, '-', '_');
  const auto table = settings_table();
  const bool is_known = std::ranges::any_of(table, [&](const SettingEntry& each) { return key == each.name; });
  return is_known ? "; write " + key : "";
}

class Reading {
 public:
  void apply(const SettingEntry& entry, std::string_view text, std::string source) {
    if (const auto parsed = entry.parse(text, result_.settings); parsed.has_error()) {
      mistake(entry.name, parsed.error().detail, std::move(source));
    }
    sources_[entry.name] = std::move(source);
  }
  void mistake(std::string setting, std::string what, std::string source) {
    result_.mistakes.push_back({std::move(setting), std::move(what), std::move(source)});
  }

  void warn(std::string setting, std::string what, std::string source) {
    result_.warnings.push_back({std::move(setting), std::move(what), std::move(source)});
  }

  void read_file(const std::string& path);
  void look_for_slips(const std::vector<std::string>& variables);
  void take_flags(const SettingsFlags& flags);
  void check_together();
  void check_transport();
  SettingsReading take() { return std::move(result_); }

 private:
  void check_connections();
  void check_master_key();
  void check_issuer();
  void read_file_value(const std::string& path, const std::string& key, const toml::node& node);

  SettingsReading result_;
  std::map<std::string, std::string> sources_;
};

void Reading::read_file(const std::string& path) {
  toml::table table;
  // toml++ throws for bad text: this is its adapter.
  const auto text = read_settings_file(path);
  if (text.has_error()) return mistake("config", text.error().detail, path);
  if (const auto line = line_of_deep_name(*text)) {
    return mistake("config", "a name has too many parts", path + ":" + std::to_string(*line));
  }
  try {
    table = toml::parse(*text, path);
  } catch (const toml::parse_error& error) {
    std::string place = path;
    if (error.source().begin.line > 0) place += ":" + std::to_string(error.source().begin.line);
    mistake("config", std::string{error.description()}, place);
    return;
  }
  for (const auto& [key, node] : table) read_file_value(path, std::string{key.str()}, node);
}

void Reading::read_file_value(const std::string& path, const std::string& key, const toml::node& node) {
  std::string place = path + ":" + std::to_string(node.source().begin.line);
  const auto table = settings_table();
  const auto entry = std::ranges::find_if(table, [&](const SettingEntry& each) { return key == each.name; });
  if (entry == table.end()) return mistake(key, "there is no such setting" + advice_for(key), std::move(place));
  if (const auto* text = node.as_string()) return apply(*entry, text->get(), std::move(place));
  if (const auto* number = node.as_integer()) return apply(*entry, std::to_string(number->get()), std::move(place));
  if (const auto* truth = node.as_boolean()) return apply(*entry, truth->get() ? "true" : "false", std::move(place));
  mistake(key, "must be a text (of several values, one text with commas), a whole number, or true or false",
          std::move(place));
}

void Reading::look_for_slips(const std::vector<std::string>& variables) {
  for (const UnknownVariable& unknown : unknown_variables(variables)) {
    if (unknown.meant.empty()) {
      warn(unknown.name, "means nothing to this server", unknown.name);
    } else {
      mistake(unknown.name, "means nothing; did you mean " + unknown.meant + "?", unknown.name);
    }
  }
}

void Reading::take_flags(const SettingsFlags& flags) {
  Settings& settings = result_.settings;
  if (flags.makes_ledger) settings.new_ledger = NewLedger::required;
  settings.upgrades_storage = flags.upgrades_storage;
  settings.accepts_issuer_change = flags.accepts_issuer_change;
  settings.dumps_core = flags.dumps_core;
  if (flags.checks_only) result_.request = SettingsRequest::check;
  if (flags.wants_json) result_.check_output = CheckOutput::json;
  if (flags.wants_json && !flags.checks_only) mistake("json", "says nothing without --check-config", "--json");
}

void Reading::check_together() {
  const Settings& settings = result_.settings;
  const bool data_dir_given = sources_.contains("data_dir");
  if (!data_dir_given) mistake("data_dir", "is required: give --data-dir DIR or TALLY_DATA_DIR", "");
  check_transport();
  if (!settings.behind_proxy && !settings.serves_tls() && !is_loopback(settings.listen_address)) {
    mistake("listen",
            settings.listen_address +
                " is not a loopback address, and without TLS passwords and tokens would cross the network in the "
                "clear. Give --tls-certificate and --tls-key, or put a TLS proxy in front and say --behind-proxy",
            sources_["listen"]);
  }
  check_issuer();
  check_master_key();
  check_connections();
}

void Reading::check_connections() {
  const Settings& settings = result_.settings;
  if (settings.connections_per_address_max <= settings.connections_max) return;
  mistake("connections_per_address_max",
          std::to_string(settings.connections_per_address_max) + " is more than connections_max, which is " +
              std::to_string(settings.connections_max),
          sources_["connections_per_address_max"]);
}

void Reading::check_issuer() {
  const Settings& settings = result_.settings;
  if (settings.issuer.empty()) {
    if (settings.behind_proxy && !sources_.contains("issuer")) {
      mistake("issuer", "is required beside behind_proxy: what this server listens on is not what its clients see", "");
    }
    return;
  }
  if (!settings.issuer.starts_with("http://")) return;
  const char* why = settings.behind_proxy              ? "with a TLS proxy in front"
                    : settings.serves_tls()            ? "with TLS"
                    : !names_loopback(settings.issuer) ? "of an address that is not loopback"
                                                       : nullptr;
  if (why != nullptr) mistake("issuer", std::string{"is http:// "} + why + "; write https://", sources_["issuer"]);
}

void Reading::check_master_key() {
  constexpr std::array kTogether{"pkcs11_module", "pkcs11_token", "pkcs11_key", "pkcs11_pin_file"};
  std::string given;
  for (const char* setting : kTogether) {
    if (sources_.contains(setting)) given = setting;
  }
  if (given.empty()) return;
  for (const char* setting : kTogether) {
    if (!sources_.contains(setting)) mistake(setting, "is required beside " + given, "");
  }
  if (sources_.contains("master_key_file")) {
    mistake("master_key_file", "there is one master key: this, or the token's", sources_["master_key_file"]);
  }
}

void Reading::check_transport() {
  const Settings& settings = result_.settings;
  const auto needs = [&](const char* setting, const char* other, bool is_there) {
    if (!sources_.contains(setting) || is_there) return;
    mistake(setting, std::string{"says nothing without "} + other, sources_[setting]);
  };
  needs("tls_certificate", "tls_key", !settings.tls_key.empty());
  needs("tls_key", "tls_certificate", settings.serves_tls());
  needs("tls_client_ca", "tls_certificate", settings.serves_tls());
  needs("proxy_header", "behind_proxy", settings.behind_proxy);
  needs("trusted_proxies", "behind_proxy", settings.behind_proxy);
  if (settings.behind_proxy && !settings.tls_client_ca.empty()) {
    mistake("tls_client_ca", "behind a proxy, a client certificate would be the proxy's, and so would every token",
            sources_["tls_client_ca"]);
  }
}

}  // namespace

std::string SettingsMistake::str() const {
  return setting + ": " + what + (source.empty() ? "" : " (from " + source + ")");
}

SettingsReading read_settings(const std::vector<std::string>& arguments, const Environment& environment,
                              const std::vector<std::string>& variables) {
  const SettingsFlags flags = read_settings_flags(arguments);
  Reading reading;
  SettingsReading asked;
  if (flags.wants_help) {
    asked.request = SettingsRequest::help;
    return asked;
  }
  const bool parsed = !flags.mistake;
  if (!parsed) reading.mistake("command line", *flags.mistake, "the command line");
  if (flags.wants_version) {
    asked.request = SettingsRequest::version;
    return asked;
  }
  // After a mistake of form nothing on the command line was read: all of it would be told to be unknown or missing.
  for (const std::string& extra : flags.unknown) {
    reading.mistake(extra, "there is no such flag", "the command line");
  }

  const std::string config = flags.config.empty() ? environment("TALLY_CONFIG").value_or("") : flags.config;
  if (!config.empty()) reading.read_file(config);
  for (const SettingEntry& entry : settings_table()) {
    if (const auto value = environment(variable_of(entry))) reading.apply(entry, *value, variable_of(entry));
  }
  for (const SettingEntry& entry : settings_table()) {
    const auto given = flags.values.find(entry.name);
    if (given != flags.values.end()) reading.apply(entry, given->second, flag_of(entry));
  }
  reading.look_for_slips(variables);
  reading.take_flags(flags);
  if (parsed) reading.check_together();
  SettingsReading read = reading.take();
  // Not a setting: systemd says it to every service with a credential.
  read.settings.credentials_dir = environment("CREDENTIALS_DIRECTORY").value_or("");
  return read;
}

Readers readers_of_password(const Settings& settings) {
  const bool is_credential =
      !settings.credentials_dir.empty() && settings.operator_password_file.starts_with(settings.credentials_dir + "/");
  return is_credential ? Readers::owner_and_group : Readers::owner;
}

}  // namespace tally::tools
