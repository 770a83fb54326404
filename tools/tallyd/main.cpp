#include <exception>
#include <iostream>
#include <optional>
#include <signal.h>
#include <stdlib.h>
#include <string>
#include <vector>

#ifdef TALLY_MIMALLOC
#include <mimalloc.h>
#endif

#include "core/base/secret.hpp"
#include "tools/base/environment.hpp"
#include "tools/base/operator_password.hpp"
#include "tools/base/private_process.hpp"
#include "tools/base/standard_streams.hpp"
#include "tools/tallyd/application.hpp"
#include "tools/tallyd/check_config.hpp"
#include "tools/tallyd/ending.hpp"
#include "tools/tallyd/settings.hpp"
#include "tools/tallyd/settings_flags.hpp"

namespace tally::tools {
namespace {

constexpr int kExitUsage = 2;
constexpr int kExitUnusable = 3;
constexpr int kExitDamaged = 5;
constexpr int kExitLaterRelease = 6;

int exit_status_of(core::Errc code) {
  if (code == core::Errc::bad_configuration || code == core::Errc::invalid_argument) return kExitUsage;
  if (code == core::Errc::corrupt) return kExitDamaged;
  if (code == core::Errc::unknown_event) return kExitLaterRelease;
  return kExitUnusable;
}

int refuse(const core::Error& error) {
  std::cerr << "tallyd: " << error.detail << '\n';
  return exit_status_of(error.code);
}

/// Takes the password out of the environment, so that no child and no reader of /proc/self/environ's copy finds it.
std::optional<core::SecretText> take_operator_password() {
  char* value = ::getenv("TALLY_OPERATOR_PASSWORD");
  if (value == nullptr) return std::nullopt;
  core::SecretText password{std::string{value}};
  core::wipe(value, std::char_traits<char>::length(value));
  ::unsetenv("TALLY_OPERATOR_PASSWORD");
  return password;
}

/// Before the person is made: a password that nobody has seen would lock everybody out.
core::Result<void> show_password(const core::SecretText& password) {
  std::cout << "tallyd: first start: the person \"operator\" has the password " << password.reveal()
            << " (shown only now; change it with: tally user set-password operator)" << std::endl;
  if (std::cout) return {};
  return core::fail(
      core::Errc::io_failed,
      "the operator's password can not be shown on standard output: nobody was made; start again with it, "
      "or give a password");
}

int check(SettingsReading reading) {
  const CheckOutput output = reading.check_output;
  const ConfigReport report = check_config(std::move(reading), take_operator_password(), http::SystemClock{}.now());
  if (output == CheckOutput::json) {
    std::cout << as_json(report, TALLY_VERSION);
  } else {
    (report.mistakes.empty() ? std::cout : std::cerr) << as_text(report);
  }
  return report.exit_status;
}

/// The calling thread's. A sanitizer's allocator has its own ways.
void give_memory_back() {
#ifdef TALLY_MIMALLOC
  ::mi_collect(true);
#endif
}

int serve(const Settings& settings, std::vector<SettingsMistake> warnings) {
  auto password = choose_operator_password(take_operator_password(), settings.operator_password_file,
                                           readers_of_password(settings));
  if (password.has_error()) return refuse(password.error());
  Ending ending{kExitUnusable};
  const auto on_fatal = [&ending](const core::Error&) { ending.fail(); };
  auto application = Application::start(
      settings, {std::move(*password), on_fatal, show_password, [&ending] { ending.take_the_time(); },
                 &give_memory_back, std::move(warnings), [&ending] { return ending.was_asked_for(); }});
  if (application.has_error()) {
    if (application.error().code == core::Errc::stopping && ending.was_asked_for()) {
      std::cout << "tallyd: ended before it served; the next start goes on" << std::endl;
      return 0;
    }
    const int status = refuse(application.error());
    if (ending.has_failed()) ::_exit(status);
    return status;
  }
  if ((*application)->given_password() == GivenPassword::not_used) {
    std::cout << "tallyd: the operator's password that was given is not used; this ledger has operators; a forgotten "
                 "password: tally operator reset NAME\n";
  }
  if (settings.new_ledger == NewLedger::required) {
    std::cout << "tallyd: the new ledger's key is " << (*application)->ledger_key() << '\n';
  }
  std::cout << "tallyd: listening on " << (*application)->url() << std::endl;
  // What went wrong stands in the log; the server goes on with what it had.
  ending.wait([&] { static_cast<void>((*application)->reload()); });
  (*application)->stop();
  // Closing RocksDB after a failed write ends in an assertion of its own; everybody has been told, and nothing is lost.
  if (ending.has_failed()) ::_exit(kExitUnusable);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  SettingsReading reading = read_settings(arguments, process_environment(), names_in_process_environment("TALLY_"));
  if (reading.request == SettingsRequest::help) {
    std::cout << settings_help();
    return 0;
  }
  if (reading.request == SettingsRequest::version) {
    std::cout << "tallyd " << TALLY_VERSION << '\n';
    return 0;
  }
  if (reading.request == SettingsRequest::check) return check(std::move(reading));
  if (!reading.mistakes.empty()) {
    for (const SettingsMistake& mistake : reading.mistakes) std::cerr << "tallyd: " << mistake.str() << '\n';
    std::cerr << "tallyd: see tallyd --help\n";
    return kExitUsage;
  }
  if (!reading.settings.dumps_core) forbid_core_dumps();
  return serve(reading.settings, std::move(reading.warnings));
}

}  // namespace
}  // namespace tally::tools

int main(int argc, char** argv) {
  tally::tools::hold_standard_streams();
  tally::tools::keep_files_private();
  // Whoever read our output may go: to write is an error then, and no end of the server.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    return tally::tools::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "tallyd: cannot start: " << error.what() << '\n';
    return 3;
  }
}
