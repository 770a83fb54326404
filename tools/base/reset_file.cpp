#include "tools/base/reset_file.hpp"

#include <array>
#include <utility>

#include "core/crypto/password.hpp"
#include "core/identity/person_decider.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;

constexpr std::size_t kBytesMax = 4'096;
constexpr std::string_view kFirstLine = "tally operator reset v1\n";
constexpr std::string_view kNonce = "nonce ";
constexpr std::string_view kName = "name ";
constexpr std::string_view kVerifier = "verifier ";

core::Error unreadable() { return core::fail(Errc::malformed, "is no file of tally operator prepare-reset"); }

/// Takes `label` and what follows it in its line off the text.
Result<std::string> take_line(std::string_view& text, std::string_view label) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(label) || end == std::string_view::npos) return unreadable();
  std::string value{text.substr(label.size(), end - label.size())};
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::string ResetFile::text() const {
  std::string text{kFirstLine};
  text.append(kNonce).append(nonce.str()).append("\n");
  text.append(kName).append(username).append("\n");
  text.append(kVerifier).append(password_verifier).append("\n");
  return text;
}

Result<ResetFile> ResetFile::parse(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return unreadable();
  text.remove_prefix(kFirstLine.size());
  ResetFile file;
  TALLY_TRY_ASSIGN(const std::string nonce, take_line(text, kNonce));
  TALLY_TRY_ASSIGN(file.nonce, core::EventId::parse(nonce));
  TALLY_TRY_ASSIGN(const std::string name, take_line(text, kName));
  TALLY_TRY_ASSIGN(file.username, core::normalize_username(name));
  TALLY_TRY_ASSIGN(file.password_verifier, take_line(text, kVerifier));
  if (file.nonce.is_nil() || !core::crypto::is_password_verifier(file.password_verifier) || !text.empty())
    return unreadable();
  return file;
}

core::RecoverOperator ResetFile::command() const {
  core::RecoverOperator command;
  command.username = username;
  command.password_verifier = password_verifier;
  command.means = core::RecoveryMeans::file;
  command.nonce = nonce.uuid();
  return command;
}

std::string reset_file_path(const std::string& data_dir) { return data_dir + "/operator-reset"; }

Result<std::optional<ResetFile>> find_reset_file(const std::string& data_dir) {
  const std::string path = reset_file_path(data_dir);
  const auto text = read_private_file(path, kBytesMax, Readers::folder_owner);
  if (text.has_error()) return core::fail(Errc::bad_configuration, text.error().detail);
  if (!*text) return std::optional<ResetFile>{};
  auto file = ResetFile::parse((*text)->reveal());
  if (file.has_error()) return core::fail(Errc::bad_configuration, path + ": " + file.error().detail);
  return std::optional{std::move(*file)};
}

}  // namespace tally::tools
