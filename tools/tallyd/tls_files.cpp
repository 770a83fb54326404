#include "tools/tallyd/tls_files.hpp"

#include <chrono>

#include "http/server/limits.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {
namespace {

core::Error mistake(const std::string& setting, const std::string& what) {
  return core::fail(core::Errc::bad_configuration, setting + ": " + what);
}

constexpr std::chrono::days kCertificateDaysLeft{14};

core::Result<core::SecretText> read(const std::string& setting, const std::string& path,
                                    Readers readers = Readers::any) {
  if (path.empty()) return core::SecretText{};
  auto content = read_private_file(path, http::limits::kTlsFileBytesMax, readers);
  if (content.has_error()) return mistake(setting, content.error().detail);
  if (!*content) return mistake(setting, "there is no file " + path);
  return std::move(**content);
}

}  // namespace

core::Result<std::shared_ptr<const http::TlsContext>> load_tls(const Settings& settings, core::Timestamp now) {
  if (!settings.serves_tls()) return std::shared_ptr<const http::TlsContext>{};
  TALLY_TRY_ASSIGN(const core::SecretText certificate, read("tls_certificate", settings.tls_certificate));
  TALLY_TRY_ASSIGN(core::SecretText key, read("tls_key", settings.tls_key, Readers::owner_and_group));
  TALLY_TRY_ASSIGN(const core::SecretText client_ca, read("tls_client_ca", settings.tls_client_ca));
  if (!settings.tls_client_ca.empty() && client_ca.empty()) {
    return mistake("tls_client_ca", settings.tls_client_ca + ": it is empty");
  }
  auto made =
      http::TlsContext::make({std::string{certificate.reveal()}, std::move(key), std::string{client_ca.reveal()}}, now);
  if (!made.has_error()) return made;
  const std::string& field = made.error().field;
  const std::string& path = field == "key"         ? settings.tls_key
                            : field == "client_ca" ? settings.tls_client_ca
                                                   : settings.tls_certificate;
  return mistake("tls_" + field, path + ": " + made.error().detail);
}

bool ends_soon(core::Timestamp ends_at, core::Timestamp now) { return ends_at - now < kCertificateDaysLeft; }

}  // namespace tally::tools
