#include "tools/operator_password.hpp"

#include <array>
#include <utility>

#include "core/crypto/base64.hpp"
#include "core/limits.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::SecretText;
using core::limits::kPasswordBytesMax;
using core::limits::kPasswordBytesMin;

Result<void> check_bounds(const std::string& setting, const SecretText& password) {
  const std::size_t bytes = password.reveal().size();
  if (bytes >= kPasswordBytesMin && bytes <= kPasswordBytesMax) return {};
  return core::fail(Errc::bad_configuration, setting + ": the password must have " + std::to_string(kPasswordBytesMin) +
                                                 " to " + std::to_string(kPasswordBytesMax) + " bytes");
}

}  // namespace

SecretText make_up_password(core::RandomSource& random) {
  std::array<std::uint8_t, 18> bytes{};
  random.fill(bytes);
  SecretText password{core::crypto::base64url_encode(bytes)};
  core::wipe(bytes.data(), bytes.size());
  return password;
}

Result<SecretText> read_password_file(const std::string& setting, const std::string& file, Readers readers) {
  auto read = read_private_file(file, kPasswordBytesMax + 2, readers);
  if (read.has_error()) return core::fail(Errc::bad_configuration, setting + ": " + read.error().detail);
  if (!*read) return core::fail(Errc::bad_configuration, setting + ": there is no file " + file);
  std::string_view text = (*read)->reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  SecretText password{std::string{text}};
  TALLY_TRY(check_bounds(setting, password));
  return password;
}

Result<std::optional<SecretText>> choose_operator_password(std::optional<SecretText> from_environment,
                                                           const std::string& file, Readers readers) {
  if (file.empty()) {
    if (from_environment) TALLY_TRY(check_bounds("TALLY_OPERATOR_PASSWORD", *from_environment));
    return from_environment;
  }
  if (from_environment) {
    return core::fail(Errc::bad_configuration, "operator_password_file: TALLY_OPERATOR_PASSWORD is set too");
  }
  TALLY_TRY_ASSIGN(SecretText password, read_password_file("operator_password_file", file, readers));
  return std::optional{std::move(password)};
}

}  // namespace tally::tools
