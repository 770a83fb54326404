#include "tools/keyring/file_master_key.hpp"

#include <algorithm>
#include <utility>

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/sealing.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::SecretText;

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kIdLabel = "tally master key id v1";
constexpr std::string_view kPurpose = "tally key wrapping v1";

}  // namespace

FileMasterKey::FileMasterKey(SecretText key, std::string name, core::RandomSource& random)
    : key_(std::move(key)), name_(std::move(name)), random_(random) {
  // A hash of 256 random bits tells nothing of them.
  const core::Digest digest = core::crypto::sha256({core::as_bytes(kIdLabel), core::as_bytes(key_.reveal())});
  std::copy_n(digest.bytes.begin(), id_.size(), id_.begin());
}

SecretText FileMasterKey::make_line(core::RandomSource& random) {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  random.fill(bytes);
  std::string line = core::crypto::base64url_encode(bytes);
  core::wipe(bytes.data(), bytes.size());
  std::ranges::replace(line, '-', '+');
  std::ranges::replace(line, '_', '/');
  line.append("=\n");  // 32 bytes are one character short of whole groups of four.
  return SecretText{std::move(line)};
}

Result<std::unique_ptr<FileMasterKey>> FileMasterKey::parse(std::string_view line, std::string name,
                                                            core::RandomSource& random) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  auto bytes = core::crypto::base64_decode(line);
  if (bytes.has_error() || bytes->size() != kKeyBytes) {
    if (bytes.has_value()) core::wipe(bytes->data(), bytes->size());
    return core::fail(Errc::malformed,
                      name + " is not one line of base64 with 32 bytes, as openssl rand -base64 32 writes");
  }
  SecretText key{std::string{core::as_text(*bytes)}};
  core::wipe(bytes->data(), bytes->size());
  return std::unique_ptr<FileMasterKey>{new FileMasterKey{std::move(key), std::move(name), random}};
}

Result<core::Bytes> FileMasterKey::wrap(core::ByteView context, std::string_view secret) {
  return core::crypto::seal(key_.reveal(), kPurpose, context, secret, random_);
}

Result<SecretText> FileMasterKey::unwrap(core::ByteView context, core::ByteView wrapped) {
  auto secret = core::crypto::unseal(key_.reveal(), kPurpose, context, wrapped);
  if (secret.has_error()) return core::fail(Errc::malformed, "does not open");
  return secret;
}

}  // namespace tally::tools
