#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.hpp"
#include "core/crypto/signing_algorithm.hpp"
#include "core/ledger/checkpoint.hpp"
#include "events/rocks/anchor_file.hpp"
#include "http/server/cross_origin.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/limits.hpp"
#include "http/watch/request_limit_settings.hpp"
#include "tools/base/environment.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {

/// What a start does that finds no ledger in the folder.
enum class NewLedger : std::uint8_t {
  allow,    ///< It makes one.
  refuse,   ///< It does not start: an unmounted folder looks the same.
  required  ///< --init: it makes one, and does not start if there is one.
};

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

// Generous: a gateway that asks about every request of its API is one caller and one address.
inline constexpr std::uint32_t kAddressRequestsPerMinute = 600'000;
inline constexpr std::uint32_t kCallerRequestsPerMinute = 300'000;
inline constexpr std::uint32_t kSignInFailuresPerMinute = 10;

/// Everything that can be chosen about a server. Made by read_settings; nobody checks it again.
struct Settings {
  std::string data_dir;
  NewLedger new_ledger = NewLedger::allow;
  bool upgrades_storage = false;    ///< A ledger of an earlier storage version is brought to this release's.
  std::string expected_ledger_key;  ///< A verifier key, as `tally ledger key` prints it. Empty: any.
  events::AnchorSync anchor = events::AnchorSync::each_second;
  std::string anchor_file;                          ///< Empty: DATA_DIR/anchor.
  std::string listen_address = "127.0.0.1";         ///< An IPv4 or IPv6 address, without brackets.
  std::uint16_t listen_port = 8080;                 ///< 0: a free one.
  std::string issuer;                               ///< Without a trailing slash. Empty: http(s)://ADDRESS:PORT.
  bool accepts_issuer_change = false;               ///< A given issuer may be another than the one given before.
  std::optional<core::LedgerOrigin> ledger_origin;  ///< Absent: the issuer without its scheme.
  std::string tls_certificate;                      ///< A file. Empty: plain HTTP.
  std::string tls_key;                              ///< A file. Empty: plain HTTP.
  std::string tls_client_ca;                        ///< A file. Empty: no client certificate is asked for.
  std::string operator_password_file;               ///< Empty: none.
  unsigned io_threads = 2;
  unsigned long_read_threads = 2;
  unsigned password_threads = 1;
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 0;  ///< 0: a quarter of them.
  std::size_t block_cache_mebibytes = 64;
  unsigned scrub_days = 7;  ///< How often the whole log is verified while it is served; 0: never.
  http::RequestLimitSettings request_limits{kAddressRequestsPerMinute, kCallerRequestsPerMinute,
                                            kSignInFailuresPerMinute, http::limits::kExchangesPerMinuteDefault};
  LogLevel log_level = LogLevel::info;
  bool dumps_core = false;  ///< The system may write the process's memory to a file when it crashes.
  bool behind_proxy = false;
  std::optional<core::crypto::SigningAlgorithm> signing_algorithm;  ///< Absent: as the newest key, or EdDSA.
  int signing_key_lead_seconds = core::limits::kSigningKeyLeadSecondsDefault;
  std::string master_key_file;  ///< Empty: a credential, or DATA_DIR/keys/master.key.
  std::string pkcs11_module;    ///< Empty: none. The other three belong to it.
  std::string pkcs11_token;
  std::string pkcs11_key;
  std::string pkcs11_pin_file;
  std::string credentials_dir;  ///< The service manager's $CREDENTIALS_DIRECTORY; empty: none.
  http::ForwardedField proxy_header = http::ForwardedField::x_forwarded_for;
  std::vector<http::AddressRange> trusted_proxies;  ///< Empty: the peer, whatever its address.
  http::CrossOriginRule cross_origin;               ///< Whose pages may read what is open to pages.

  [[nodiscard]] bool serves_tls() const { return !tls_certificate.empty(); }
};

/// One thing that is wrong with what was chosen: the setting, what about it, and where it came from.
struct SettingsMistake {
  std::string setting;
  std::string what;
  std::string source;  ///< "--listen", "TALLY_LISTEN", "FILE:LINE"; empty if nobody gave it.

  /// One line for people.
  [[nodiscard]] std::string str() const;
};

/// What the command line asks for beside a server.
enum class SettingsRequest : std::uint8_t { serve, check, help, version };

/// How --check-config tells.
enum class CheckOutput : std::uint8_t { text, json };

struct SettingsReading {
  SettingsRequest request = SettingsRequest::serve;
  Settings settings;                      ///< Good only without mistakes.
  std::vector<SettingsMistake> mistakes;  ///< All of them.
  std::vector<SettingsMistake> warnings;  ///< What is strange, and no reason not to start.
  CheckOutput check_output = CheckOutput::text;
};

/// The file named by --config or TALLY_CONFIG, then the TALLY_* variables, then the flags: the later wins. A key of the
/// file or a flag that is not known is a mistake, and so is a variable that is nearly one. `arguments` without the
/// program's name; `variables`: the names of those that begin with TALLY_.
SettingsReading read_settings(const std::vector<std::string>& arguments, const Environment& environment,
                              const std::vector<std::string>& variables = {});

/// Who may read the file of the operator's password: its owner, and of a credential the service manager's group.
Readers readers_of_password(const Settings& settings);

}  // namespace tally::tools
