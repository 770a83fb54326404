#include "tools/tallyd/signing_keys.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "events/log.hpp"
#include "tools/private_file.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;

constexpr std::size_t kPemBytesMax = 4'096;
constexpr std::string_view kFilePrefix = "signing-";
constexpr std::string_view kFileSuffix = ".pem";

/// The key ids of the files that are there, in order.
Result<std::vector<std::string>> key_ids_in(const std::string& folder) {
  std::vector<std::string> key_ids;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kFilePrefix) || !name.ends_with(kFileSuffix)) continue;
    key_ids.push_back(name.substr(kFilePrefix.size(), name.size() - kFilePrefix.size() - kFileSuffix.size()));
  }
  if (error) return core::fail(Errc::io_failed, "cannot list the folder " + folder + ": " + error.message());
  std::ranges::sort(key_ids);
  return key_ids;
}

}  // namespace

Result<SigningKeys> SigningKeys::open(const std::string& data_dir) {
  const std::string folder = data_dir + "/keys";
  TALLY_TRY(make_private_folder(folder));
  return SigningKeys{folder};
}

std::string SigningKeys::path_of(const std::string& key_id) const {
  return folder_ + "/" + std::string{kFilePrefix} + key_id + std::string{kFileSuffix};
}

Result<SigningKey> SigningKeys::load(const std::string& key_id) const {
  const std::string path = path_of(key_id);
  TALLY_TRY_ASSIGN(const auto pem, read_private_file(path, kPemBytesMax));
  if (!pem) {
    return core::fail(Errc::io_failed, "the ledger names a signing key whose file is missing: " + path +
                                           "; put it back from a backup of the data folder");
  }
  auto key = SigningKey::from_pem(pem->reveal());
  if (key.has_error()) return core::fail(Errc::malformed, path + ": " + key.error().detail);
  if (key->public_key().thumbprint() != key_id) {
    return core::fail(Errc::malformed, path + " holds another key than its name says");
  }
  return key;
}

Result<SigningKey> SigningKeys::first(core::RandomSource& random) {
  TALLY_TRY_ASSIGN(const std::vector<std::string> left_behind, key_ids_in(folder_));
  if (!left_behind.empty()) return load(left_behind.front());
  SigningKey key = SigningKey::generate(random);
  const core::SecretText pem = key.to_pem();
  TALLY_TRY(write_private_file(path_of(key.public_key().thumbprint()), pem.reveal()));
  return key;
}

Result<std::optional<std::string>> recorded_key_id(const events::Reader& reader) {
  events::LogCursor cursor{reader, core::Sequence{0}};
  for (;;) {
    TALLY_TRY_ASSIGN(const std::optional<core::Event> event, cursor.next());
    if (!event) return std::optional<std::string>{};
    if (const auto* added = std::get_if<core::SigningKeyAdded>(&event->payload)) {
      return std::optional<std::string>{added->key_id};
    }
    if (!std::holds_alternative<core::LedgerStarted>(event->payload)) return std::optional<std::string>{};
  }
}

}  // namespace tally::tools
