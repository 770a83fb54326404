#include "tools/tallyd/ledger_seal.hpp"

#include <utility>

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;

constexpr std::string_view kKeyName = "ledger";
constexpr std::string_view kWayOut =
    "; to go on from an older state on purpose, see \"Going back to an older ledger\" in docs/operations.md";

Result<std::optional<SigningKey>> load_key(const KeyRing& ring) {
  TALLY_TRY_ASSIGN(const auto pem, ring.load(kKeyName));
  if (!pem) return std::optional<SigningKey>{};
  auto key = SigningKey::from_pem(pem->reveal());
  if (key.has_error() || key->algorithm() != core::crypto::SigningAlgorithm::eddsa) {
    return core::fail(Errc::malformed, ring.path_of(kKeyName) + " does not hold an Ed25519 key");
  }
  return std::optional{std::move(*key)};
}

Result<SigningKey> first_key(const CheckpointFile& file, KeyRing& ring, core::RandomSource& random) {
  TALLY_TRY_ASSIGN(const auto kept, file.load());
  if (kept) {
    return core::fail(Errc::io_failed, ring.path_of(kKeyName) + " is missing, though " + file.path() +
                                           " was signed with it: put it back from a backup of the data folder" +
                                           std::string{kWayOut});
  }
  SigningKey key = SigningKey::generate(random);
  const core::SecretText pem = key.to_pem();
  TALLY_TRY(ring.keep(kKeyName, pem.reveal()));
  return key;
}

core::Error about(const CheckpointFile& file, const core::Error& error) {
  if (error.code != Errc::corrupt) return error;
  return core::fail(error.code, file.path() + ": " + error.detail + std::string{kWayOut});
}

}  // namespace

Result<LedgerSeal> LedgerSeal::open(const std::string& data_dir, KeyRing& ring, core::RandomSource& random) {
  CheckpointFile file{data_dir};
  TALLY_TRY_ASSIGN(auto key, load_key(ring));
  if (!key) {
    TALLY_TRY_ASSIGN(key, first_key(file, ring, random));
  }
  auto last = http::load_checkpoint(file, key->public_key());
  if (last.has_error()) return about(file, last.error());
  return LedgerSeal{std::move(file), std::move(*key), std::move(*last)};
}

Result<void> LedgerSeal::check(const core::TreeHead& found) const {
  if (!last_) return {};
  const auto continues = core::check_continues(last_->tree, found);
  if (continues.has_error()) return about(file_, continues.error());
  return {};
}

Result<core::LedgerOrigin> choose_ledger_origin(const Settings& settings, const std::string& issuer) {
  if (settings.ledger_origin) return *settings.ledger_origin;
  const std::size_t scheme_end = issuer.find("://");
  const std::string bare = scheme_end == std::string::npos ? issuer : issuer.substr(scheme_end + 3);
  auto origin = core::LedgerOrigin::parse(bare);
  if (origin.has_error()) {
    return core::fail(Errc::bad_configuration, "ledger_origin: the issuer's \"" + bare + "\" can not be it: it " +
                                                   origin.error().detail + "; give --ledger-origin");
  }
  return origin;
}

}  // namespace tally::tools
