#include "tools/base/operator_password.hpp"

#include <array>
#include <utility>

#include "core/base/limits.hpp"
#include "core/base/names.hpp"
#include "core/crypto/base64.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::SecretText;
using core::limits::kTypedPasswordBytesMax;

Result<SecretText> normalized(const std::string& setting, const SecretText& typed) {
  auto password = core::normalize_password("password", typed);
  if (password.has_value()) return std::move(*password);
  return core::fail(Errc::bad_configuration, setting + ": the password " + password.error().detail);
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
  auto read = read_private_file(file, kTypedPasswordBytesMax + 2, readers);
  if (read.has_error()) return core::fail(Errc::bad_configuration, setting + ": " + read.error().detail);
  if (!*read) return core::fail(Errc::bad_configuration, setting + ": there is no file " + file);
  std::string_view text = (*read)->reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return normalized(setting, SecretText{std::string{text}});
}

Result<std::optional<SecretText>> choose_operator_password(std::optional<SecretText> from_environment,
                                                           const std::string& file, Readers readers) {
  if (file.empty()) {
    if (!from_environment) return std::optional<SecretText>{};
    TALLY_TRY_ASSIGN(SecretText password, normalized("TALLY_OPERATOR_PASSWORD", *from_environment));
    return std::optional{std::move(password)};
  }
  if (from_environment) {
    return core::fail(Errc::bad_configuration, "operator_password_file: TALLY_OPERATOR_PASSWORD is set too");
  }
  TALLY_TRY_ASSIGN(SecretText password, read_password_file("operator_password_file", file, readers));
  return std::optional{std::move(password)};
}

}  // namespace tally::tools
