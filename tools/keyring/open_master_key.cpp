#include "tools/keyring/open_master_key.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include "core/crypto/system_random.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/file_master_key.hpp"
#include "tools/keyring/pkcs11_master_key.hpp"
#include "tools/keyring/setting_mistake.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using MasterKeyPtr = std::unique_ptr<MasterKey>;

constexpr std::size_t kLineBytesMax = 64;
constexpr std::size_t kPinBytesMax = 256;
constexpr const char* kCredential = "/tally-master-key";
constexpr const char* kDefaultFile = "/master.key";

/// The file's text, which only its owner may read. Empty: there is no file.
Result<std::optional<core::SecretText>> read_secret(const char* setting, const std::string& path, std::size_t bytes_max,
                                                    Readers readers = Readers::owner) {
  auto text = read_private_file(path, bytes_max, readers);
  if (text.has_error()) return mistake(setting, text.error().detail);
  return text;
}

Result<MasterKeyPtr> key_of_line(const char* setting, const std::string& path, const core::SecretText& line,
                                 core::RandomSource& random) {
  auto key = FileMasterKey::parse(line.reveal(), std::string{setting} + ": " + path, random);
  if (key.has_error()) return core::fail(Errc::bad_configuration, key.error().detail);
  return MasterKeyPtr{std::move(*key)};
}

/// Empty: there is no such file.
Result<MasterKeyPtr> key_of_file(const char* setting, const std::string& path, Readers readers,
                                 core::RandomSource& random) {
  TALLY_TRY_ASSIGN(const auto line, read_secret(setting, path, kLineBytesMax, readers));
  if (!line) return MasterKeyPtr{};
  return key_of_line(setting, path, *line, random);
}

Result<MasterKeyPtr> given_key(const MasterKeyChoice& choice, core::RandomSource& random) {
  if (!choice.pkcs11_module.empty()) {
    TALLY_TRY_ASSIGN(const auto pin, read_secret("pkcs11_pin_file", choice.pkcs11_pin_file, kPinBytesMax));
    if (!pin) return mistake("pkcs11_pin_file", "there is no file " + choice.pkcs11_pin_file);
    std::string_view digits = pin->reveal();
    if (digits.ends_with('\n')) digits.remove_suffix(1);
    TALLY_TRY_ASSIGN(auto key, Pkcs11MasterKey::open({choice.pkcs11_module, choice.pkcs11_token, choice.pkcs11_key},
                                                     digits, random));
    return MasterKeyPtr{std::move(key)};
  }
  if (!choice.file.empty()) {
    TALLY_TRY_ASSIGN(auto key, key_of_file("master_key_file", choice.file, Readers::owner, random));
    if (key == nullptr) return mistake("master_key_file", "there is no file " + choice.file);
    return key;
  }
  if (choice.credentials_dir.empty()) return MasterKeyPtr{};
  // systemd lets the service's user in by an access control list, which shows as the group's right.
  return key_of_file("master_key_file", choice.credentials_dir + kCredential, Readers::owner_and_group, random);
}

Result<bool> has_wrapped_keys(const std::string& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".key") && name != kDefaultFile + 1) return true;
  }
  if (error) return core::fail(Errc::io_failed, "cannot list the folder " + folder + ": " + error.message());
  return false;
}

}  // namespace

Result<MasterKeyPtr> open_existing_master_key(const MasterKeyChoice& choice, core::RandomSource& random) {
  TALLY_TRY_ASSIGN(auto given, given_key(choice, random));
  if (given != nullptr) return given;
  const std::string path = choice.folder + kDefaultFile;
  TALLY_TRY_ASSIGN(auto kept, key_of_file("master_key_file", path, Readers::owner, random));
  if (kept != nullptr) return kept;
  return mistake("master_key_file", "the keys in " + choice.folder + " are wrapped, and there is no master key " +
                                        path + ": put it back, or say where it is");
}

Result<void> check_master_key(const MasterKeyChoice& choice) {
  if (!choice.pkcs11_module.empty()) {
    TALLY_TRY_ASSIGN(const auto pin, read_secret("pkcs11_pin_file", choice.pkcs11_pin_file, kPinBytesMax));
    return pin ? Result<void>{} : mistake("pkcs11_pin_file", "there is no file " + choice.pkcs11_pin_file);
  }
  core::crypto::SystemRandom random;
  TALLY_TRY_ASSIGN(const auto given, given_key(choice, random));
  if (given != nullptr) return {};
  std::error_code error;
  if (!std::filesystem::is_directory(choice.folder, error)) return {};
  TALLY_TRY_ASSIGN(const auto kept,
                   key_of_file("master_key_file", choice.folder + kDefaultFile, Readers::owner, random));
  if (kept != nullptr) return {};
  TALLY_TRY_ASSIGN(const bool is_wrapped, has_wrapped_keys(choice.folder));
  if (is_wrapped) TALLY_TRY(open_existing_master_key(choice, random));
  return {};
}

Result<MasterKeyPtr> open_master_key(const MasterKeyChoice& choice, core::RandomSource& random) {
  TALLY_TRY_ASSIGN(auto given, given_key(choice, random));
  if (given != nullptr) return given;
  const std::string path = choice.folder + kDefaultFile;
  TALLY_TRY_ASSIGN(const auto line, read_secret("master_key_file", path, kLineBytesMax));
  if (line) return key_of_line("master_key_file", path, *line, random);
  // A new key would open nothing that is there, and would hide that the old one is missing.
  TALLY_TRY_ASSIGN(const bool is_wrapped, has_wrapped_keys(choice.folder));
  if (is_wrapped) return open_existing_master_key(choice, random);
  const core::SecretText made = FileMasterKey::make_line(random);
  TALLY_TRY(write_private_file(path, made.reveal()));
  return key_of_line("master_key_file", path, made, random);
}

}  // namespace tally::tools
