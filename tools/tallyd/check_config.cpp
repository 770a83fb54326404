#include "tools/tallyd/check_config.hpp"

#include <filesystem>
#include <string_view>
#include <sys/resource.h>
#include <utility>

#include "http/server/json_writer.hpp"
#include "tools/base/operator_password.hpp"
#include "tools/base/reset_file.hpp"
#include "tools/keyring/open_master_key.hpp"
#include "tools/tallyd/backend.hpp"
#include "tools/tallyd/data_folder.hpp"
#include "tools/tallyd/descriptors.hpp"
#include "tools/tallyd/signed_ledger.hpp"
#include "tools/tallyd/tls_files.hpp"

namespace tally::tools {
namespace {

constexpr int kExitSettings = 2;
constexpr int kExitFolder = 3;

class Checking {
 public:
  explicit Checking(SettingsReading reading)
      : settings_(std::move(reading.settings)),
        report_{reading.mistakes.empty() ? 0 : kExitSettings, std::move(reading.mistakes),
                std::move(reading.warnings)} {}

  void check_files(std::optional<core::SecretText> operator_password, core::Timestamp now) {
    note(choose_operator_password(std::move(operator_password), settings_.operator_password_file,
                                  readers_of_password(settings_)));
    note(check_master_key(master_key_choice(settings_)));
    const auto tls = load_tls(settings_, now);
    note(tls);
    if (tls.has_value() && *tls != nullptr && ends_soon((*tls)->expires_at(), now)) {
      warn("tls_certificate", "ends at " + core::to_rfc3339((*tls)->expires_at()));
    }
    if (!settings_.issuer.empty()) note(choose_ledger_origin(settings_, settings_.issuer));
  }

  void check_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const auto plan = plan_descriptors(static_cast<std::size_t>(limit.rlim_max), settings_.connections_max);
    note(plan);
    if (plan.has_value() && plan->connections_max < settings_.connections_max) {
      warn("connections_max", "only " + std::to_string(plan->connections_max) + " are served with " +
                                  std::to_string(plan->limit) + " descriptors");
    }
  }

  void check_folder() {
    const auto plan = plan_ledger(settings_);
    note(plan);
    if (plan.has_value() && *plan == LedgerPlan::make && settings_.new_ledger == NewLedger::allow) {
      warn("data_dir", "there is no ledger in " + settings_.data_dir + ": a start would make one");
    }
    std::error_code error;
    if (!std::filesystem::exists(settings_.data_dir, error)) return;
    if (!std::filesystem::is_directory(settings_.data_dir, error)) {
      return put(kExitFolder, "data_dir", settings_.data_dir + " is not a folder");
    }
    const auto loose = tighten_modes(settings_.data_dir, LooseModes::count);
    note(loose);
    if (loose.has_value() && *loose > 0) {
      warn("data_dir", std::to_string(*loose) + " files and folders are open to others: a start would close them");
    }
    note(find_reset_file(settings_.data_dir));
  }

  ConfigReport take() { return std::move(report_); }

 private:
  template <class Value>
  void note(const core::Result<Value>& result) {
    if (!result.has_error()) return;
    const bool is_setting = result.error().code == core::Errc::bad_configuration;
    const std::string& detail = result.error().detail;
    const std::size_t colon = detail.find(": ");
    const bool is_named = colon != std::string::npos && detail.find(' ') > colon && detail.find('/') > colon;
    put(is_setting ? kExitSettings : kExitFolder, is_named ? detail.substr(0, colon) : "data_dir",
        is_named ? detail.substr(colon + 2) : detail);
  }
  void put(int status, std::string setting, std::string what) {
    // As a start would: what is wrong with the settings is told before the folder is looked at.
    if (report_.exit_status == 0 || status < report_.exit_status) report_.exit_status = status;
    report_.mistakes.push_back({std::move(setting), std::move(what), {}});
  }
  void warn(std::string setting, std::string what) {
    report_.warnings.push_back({std::move(setting), std::move(what), {}});
  }

  const Settings settings_;
  ConfigReport report_;
};

void write_list(http::JsonWriter& json, std::string_view name, const std::vector<SettingsMistake>& list) {
  json.key(name).begin_array();
  for (const SettingsMistake& each : list) {
    json.begin_object().member("setting", std::string_view{each.setting}).member("what", std::string_view{each.what});
    if (!each.source.empty()) json.member("source", std::string_view{each.source});
    json.end_object();
  }
  json.end_array();
}

}  // namespace

ConfigReport check_config(SettingsReading reading, std::optional<core::SecretText> operator_password,
                          core::Timestamp now) {
  // Settings that could not be read say nothing about files.
  const bool is_readable = reading.mistakes.empty();
  Checking checking{std::move(reading)};
  if (is_readable) {
    checking.check_files(std::move(operator_password), now);
    checking.check_descriptors();
    checking.check_folder();
  }
  return checking.take();
}

std::string as_text(const ConfigReport& report) {
  std::string text;
  for (const SettingsMistake& warning : report.warnings) text += "tallyd: warning: " + warning.str() + "\n";
  for (const SettingsMistake& mistake : report.mistakes) text += "tallyd: " + mistake.str() + "\n";
  if (report.mistakes.empty()) text += "tallyd: the configuration is good\n";
  return text;
}

std::string as_json(const ConfigReport& report, std::string_view version) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("status", report.exit_status).member("version", version);
  write_list(json, "mistakes", report.mistakes);
  write_list(json, "warnings", report.warnings);
  json.end_object();
  return text + "\n";
}

}  // namespace tally::tools
