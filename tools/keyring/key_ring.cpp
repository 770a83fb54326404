#include "tools/keyring/key_ring.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/key_file.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::SecretText;

constexpr std::string_view kSuffix = ".key";
constexpr std::size_t kServerKeyBytes = 32;
constexpr std::size_t kNameCharactersMax = 100;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameCharactersMax && std::ranges::all_of(name, [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_';
  });
}

std::string path_in(const std::string& folder, std::string_view name) {
  TALLY_CHECK(is_name(name), std::string{name});
  return folder + "/" + std::string{name}.append(kSuffix);
}

Result<std::vector<std::string>> names_in(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (!file.starts_with(prefix) || !file.ends_with(kSuffix)) continue;
    std::string name = file.substr(0, file.size() - kSuffix.size());
    // The default master key lies in the same folder, and is not wrapped.
    if (is_name(name) && name != "master") names.push_back(std::move(name));
  }
  if (error) return core::fail(Errc::io_failed, "cannot list the folder " + folder + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

core::Error about(const std::string& path, const MasterKey& master_key, const core::Error& error) {
  if (error.code != Errc::bad_configuration) return core::fail(error.code, path + " " + error.detail);
  return core::fail(error.code, master_key.name() + " is not the key that has wrapped " + path);
}

/// Empty: there is no such file.
Result<std::optional<SecretText>> open_file(MasterKey& master_key, const std::string& path, std::string_view name) {
  TALLY_TRY_ASSIGN(const auto file, read_private_file(path, core::limits::kKeyFileBytesMax));
  if (!file) return std::optional<SecretText>{};
  auto secret = open_key_file(master_key, name, core::as_bytes(file->reveal()));
  if (secret.has_error()) return about(path, master_key, secret.error());
  return std::optional{std::move(*secret)};
}

Result<bool> is_wrapped_by(const MasterKey& master_key, const std::string& path) {
  TALLY_TRY_ASSIGN(const auto file, read_private_file(path, core::limits::kKeyFileBytesMax));
  if (!file) return core::fail(Errc::io_failed, path + " is gone");
  const auto header = read_key_file_header(core::as_bytes(file->reveal()));
  if (header.has_error()) return about(path, master_key, header.error());
  return header->method == master_key.method() && header->master_key == master_key.id();
}

}  // namespace

KeyRing::KeyRing(std::string folder, std::unique_ptr<MasterKey> master_key, core::RandomSource& random)
    : folder_(std::move(folder)), master_key_(std::move(master_key)), random_(random) {
  TALLY_CHECK(master_key_ != nullptr);
}

std::string KeyRing::path_of(std::string_view name) const { return path_in(folder_, name); }

Result<std::optional<SecretText>> KeyRing::load(std::string_view name) const {
  return open_file(*master_key_, path_of(name), name);
}

Result<void> KeyRing::keep(std::string_view name, std::string_view secret) {
  const std::string path = path_of(name);
  auto file = make_key_file(*master_key_, name, secret);
  if (file.has_error()) return about(path, *master_key_, file.error());
  TALLY_CHECK(file->size() <= core::limits::kKeyFileBytesMax);
  return write_private_file(path, *file);
}

Result<void> KeyRing::remove(std::string_view name) { return remove_private_file(path_of(name)); }

Result<std::vector<std::string>> KeyRing::names(std::string_view prefix) const { return names_in(folder_, prefix); }

Result<SecretText> KeyRing::server_key(std::string_view use) {
  const std::string name = std::string{"server-"}.append(use);
  const std::lock_guard lock{making_};
  TALLY_TRY_ASSIGN(auto kept, load(name));
  if (kept && kept->reveal().size() != kServerKeyBytes) {
    return core::fail(Errc::malformed, path_of(name) + " does not hold a server key");
  }
  if (kept) return *std::move(kept);
  std::array<std::uint8_t, kServerKeyBytes> bytes{};
  random_.fill(bytes);
  SecretText key{std::string{core::as_text(bytes)}};
  core::wipe(bytes.data(), bytes.size());
  TALLY_TRY(keep(name, key.reveal()));
  return key;
}

Result<std::size_t> rewrap(const std::string& folder, MasterKey& from, MasterKey& to) {
  TALLY_TRY_ASSIGN(const std::vector<std::string> names, names_in(folder, {}));
  std::vector<std::pair<std::string, SecretText>> to_wrap;
  for (const std::string& name : names) {
    const std::string path = path_in(folder, name);
    TALLY_TRY_ASSIGN(const bool is_done, is_wrapped_by(to, path));
    TALLY_TRY_ASSIGN(auto secret, open_file(is_done ? to : from, path, name));
    if (!secret) return core::fail(Errc::io_failed, path + " is gone");
    if (!is_done) to_wrap.emplace_back(name, *std::move(secret));
  }
  for (const auto& [name, secret] : to_wrap) {
    auto file = make_key_file(to, name, secret.reveal());
    if (file.has_error()) return about(path_in(folder, name), to, file.error());
    TALLY_TRY(write_private_file(path_in(folder, name), *file));
  }
  return to_wrap.size();
}

}  // namespace tally::tools
