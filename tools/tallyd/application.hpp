#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "tools/tallyd/first_start.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// What a start needs beside the settings.
struct StartOptions {
  /// The operator's password for an empty data folder, as choose_operator_password gave it. Absent: one is made up.
  std::optional<core::SecretText> operator_password = {};
  /// A write failed and every waiting caller was told: end the process soon. On the writer thread; must not block and
  /// must not call stop(). May be empty.
  std::function<void(const core::Error&)> on_fatal = {};
  /// Of a password that is made up. May be empty: nobody is shown it.
  ShowPassword show_password = {};
  /// stop() has ended everything but the ledger's own writes, which take as long as the disk needs. May be empty.
  std::function<void()> on_last_writes = {};
  /// As MemoryUpkeep takes it.
  std::function<void()> give_memory_back = {};
  /// Of the settings: for the log.
  std::vector<SettingsMistake> warnings = {};
  /// Whether the end was asked for: an upgrade that is under way is given up then, and the next start goes on with it.
  /// May be empty.
  std::function<bool()> is_to_end = {};
};

/// A whole server in one object, for the executable, the tests and the benchmark. Threads: start() and stop() from one
/// thread, which is not one of its own.
class Application {
 public:
  /// Opens the data folder, prepares key and operator, and serves. A reset file in the folder is done and removed
  /// before. While a ledger of an earlier storage version is upgraded, which the settings must ask for, everybody is
  /// told so at the address. Errors: bad_configuration (address, TLS files, reset file), locked, corrupt,
  /// unknown_event, conflict (an earlier storage version, and no upgrade asked for), io_failed, no_space, malformed
  /// (key file), stopping (StartOptions::is_to_end).
  static core::Result<std::unique_ptr<Application>> start(const Settings& settings, StartOptions options);
  /// stop(), if it was not called.
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:PORT` or https, of the address that it listens on.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::string& issuer() const;
  /// The verifier key of the ledger's checkpoints.
  [[nodiscard]] std::string ledger_key() const;
  /// What became of StartOptions::operator_password.
  [[nodiscard]] GivenPassword given_password() const;

  /// Reads the TLS files again: new connections use them. If they are not good, the old ones stay and the log says why.
  /// Errors: bad_configuration.
  core::Result<void> reload();

  /// Stops accepting, finishes what runs within five seconds and cuts off the rest, writes the usage counts, stops the
  /// writer, waits for the log's reader for a second at most. The destructor closes the ledger.
  void stop();

 private:
  struct State;
  explicit Application(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::tools
