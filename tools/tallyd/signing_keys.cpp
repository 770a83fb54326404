#include "tools/tallyd/signing_keys.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/base/limits.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;

constexpr std::string_view kPrefix = "signing-";
constexpr std::string_view kPlainSuffix = ".pem";

std::string file_name_of(const std::string& key_id) { return std::string{kPrefix} + key_id; }

/// The ids of the keys that lie there unwrapped, in order.
Result<std::vector<std::string>> plain_key_ids_in(const std::string& folder) {
  std::vector<std::string> key_ids;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kPlainSuffix)) continue;
    key_ids.push_back(name.substr(kPrefix.size(), name.size() - kPrefix.size() - kPlainSuffix.size()));
  }
  if (error) return core::fail(Errc::io_failed, "cannot list the folder " + folder + ": " + error.message());
  std::ranges::sort(key_ids);
  return key_ids;
}

Result<SigningKey> key_of(const core::SecretText& pem, const std::string& key_id, const std::string& path) {
  auto key = SigningKey::from_pem(pem.reveal());
  if (key.has_error()) return core::fail(Errc::malformed, path + ": " + key.error().detail);
  if (key->public_key().thumbprint() != key_id) {
    return core::fail(Errc::malformed, path + " holds another key than its name says");
  }
  return key;
}

}  // namespace

std::string SigningKeys::plain_path_of(const std::string& key_id) const {
  return ring_.folder() + "/" + file_name_of(key_id) + std::string{kPlainSuffix};
}

Result<SigningKey> SigningKeys::make(core::crypto::SigningAlgorithm algorithm) {
  SigningKey key = SigningKey::generate(random_, algorithm);
  const core::SecretText pem = key.to_pem();
  TALLY_TRY(ring_.keep(file_name_of(key.public_key().thumbprint()), pem.reveal()));
  return key;
}

Result<SigningKey> SigningKeys::first(core::crypto::SigningAlgorithm algorithm) {
  TALLY_TRY_ASSIGN(std::vector<std::string> left_behind, plain_key_ids_in(ring_.folder()));
  if (left_behind.empty()) {
    TALLY_TRY_ASSIGN(const auto wrapped, ring_.names(kPrefix));
    for (const std::string& name : wrapped) left_behind.push_back(name.substr(kPrefix.size()));
  }
  for (const std::string& key_id : left_behind) {
    TALLY_TRY_ASSIGN(SigningKey key, load(key_id));
    if (key.algorithm() == algorithm) return key;
  }
  return make(algorithm);
}

/// The wrapped copy is durable before the plain one goes, and a plain one that a crash has left beside it goes too.
Result<void> SigningKeys::wrap_plain(const std::string& key_id) {
  const std::string path = plain_path_of(key_id);
  TALLY_TRY_ASSIGN(const auto pem, read_private_file(path, core::limits::kKeyFileBytesMax / 2));
  if (!pem) return {};
  TALLY_TRY(key_of(*pem, key_id, path));
  TALLY_TRY(ring_.keep(file_name_of(key_id), pem->reveal()));
  return remove_private_file(path);
}

Result<SigningKey> SigningKeys::load(const std::string& key_id) {
  TALLY_TRY(wrap_plain(key_id));
  TALLY_TRY_ASSIGN(const auto pem, ring_.load(file_name_of(key_id)));
  const std::string path = ring_.path_of(file_name_of(key_id));
  if (!pem) {
    return core::fail(Errc::io_failed, "the ledger names a signing key whose file is missing: " + path +
                                           "; put it back from a backup of the data folder");
  }
  return key_of(*pem, key_id, path);
}

Result<void> SigningKeys::discard(const std::string& key_id) {
  TALLY_TRY(remove_private_file(plain_path_of(key_id)));
  return ring_.remove(file_name_of(key_id));
}

}  // namespace tally::tools
