#include "tools/tallyd/signed_ledger.hpp"

#include <utility>

#include "events/log/log.hpp"
#include "events/log/storage_marks.hpp"
#include "events/log/tiles.hpp"
#include "http/ledger/checkpointer.hpp"
#include "tools/folder/ledger_folder.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::crypto::SigningKey;

constexpr std::string_view kKeyName = "ledger";

Result<SigningKey> first_key(const CheckpointFile& file, const KeyRing& ring, core::RandomSource& random) {
  TALLY_TRY_ASSIGN(const auto kept, file.load());
  if (kept) {
    return core::fail(Errc::io_failed, ring.path_of(kKeyName) + " is missing, though " + file.path() +
                                           " was signed with it: put it back from a backup of the data folder" +
                                           std::string{kOlderLedgerWayOut});
  }
  return SigningKey::generate(random);
}

core::Error about(const CheckpointFile& file, const core::Error& error) {
  if (error.code != Errc::corrupt) return error;
  return core::fail(error.code, file.path() + ": " + error.detail + std::string{kOlderLedgerWayOut});
}

}  // namespace

Result<std::optional<SigningKey>> load_ledger_key(const KeyRing& ring) {
  TALLY_TRY_ASSIGN(const auto pem, ring.load(kKeyName));
  if (!pem) return std::optional<SigningKey>{};
  auto key = SigningKey::from_pem(pem->reveal());
  if (key.has_error() || key->algorithm() != core::crypto::SigningAlgorithm::eddsa) {
    return core::fail(Errc::malformed, ring.path_of(kKeyName) + " does not hold an Ed25519 key");
  }
  return std::optional{std::move(*key)};
}

Result<void> check_unsigned(const std::string& checkpoint_path, const std::string& key_path,
                            const events::Reader& ledger) {
  events::LogCursor log{ledger, core::Sequence{0}};
  for (;;) {
    TALLY_TRY_ASSIGN(const auto event, log.next());
    if (!event) return {};
    if (event->actor.kind != core::ActorKind::system) break;
  }
  return core::fail(Errc::corrupt, checkpoint_path + " is missing, though " + key_path +
                                       " has signed what a served ledger held: put it back" +
                                       std::string{kOlderLedgerWayOut});
}

Result<SignedLedger> SignedLedger::open(const std::string& data_dir, const KeyRing& ring, core::RandomSource& random) {
  CheckpointFile file{data_dir};
  TALLY_TRY_ASSIGN(auto key, load_ledger_key(ring));
  const auto origin = key ? KeyOrigin::kept : KeyOrigin::made;
  if (!key) {
    TALLY_TRY_ASSIGN(key, first_key(file, ring, random));
  }
  auto last = http::load_checkpoint(file, key->public_key());
  if (last.has_error()) return about(file, last.error());
  return SignedLedger{std::move(file), ring.path_of(kKeyName), std::move(*key), origin, std::move(*last)};
}

bool SignedLedger::has_key(const std::string& verifier) const {
  const auto key_of = [](const std::string& text) { return text.substr(text.find('+', text.find('+') + 1)); };
  const auto any_name = core::LedgerOrigin::parse("any");
  return key_of(core::NoteVerifier{*any_name, key_.public_key()}.str()) == key_of(verifier);
}

Result<void> SignedLedger::keep_key(KeyRing& ring) {
  if (key_origin_ == KeyOrigin::kept) return {};
  const core::SecretText pem = key_.to_pem();
  TALLY_TRY(ring.keep(kKeyName, pem.reveal()));
  key_origin_ = KeyOrigin::kept;
  return {};
}

Result<void> SignedLedger::check(const core::TreeHead& found, const events::Reader& ledger) const {
  if (!last_) {
    return key_origin_ == KeyOrigin::made ? Result<void>{} : check_unsigned(file_.path(), key_path_, ledger);
  }
  const auto continues = core::check_continues(last_->tree, found);
  if (continues.has_error()) return about(file_, continues.error());
  TALLY_TRY_ASSIGN(const bool has_tiles, events::has_tiles(ledger));
  return has_tiles ? check_beginning(found, ledger) : Result<void>{};
}

Result<void> SignedLedger::check_beginning(const core::TreeHead& found, const events::Reader& ledger) const {
  events::Tiles tiles{ledger, found.size};
  TALLY_TRY_ASSIGN(const auto beginning, events::range_at(tiles, last_->tree.size));
  if (beginning.root() == last_->tree.root) return {};
  return about(file_, core::fail(Errc::corrupt, "the ledger's first " + std::to_string(last_->tree.size) +
                                                    " events are not those that were signed"));
}

Result<core::LedgerOrigin> choose_ledger_origin(const Settings& settings, const std::string& issuer,
                                                std::uint32_t forks) {
  const std::size_t scheme_end = issuer.find("://");
  const std::string bare = scheme_end == std::string::npos ? issuer : issuer.substr(scheme_end + 3);
  const std::string name = settings.ledger_origin ? settings.ledger_origin->str() : bare;
  auto origin = core::LedgerOrigin::parse(forks == 0 ? name : name + "/r" + std::to_string(forks));
  if (origin.has_error()) {
    return core::fail(Errc::bad_configuration, "ledger_origin: \"" + name + "\" can not be it: it " +
                                                   origin.error().detail + "; give another --ledger-origin");
  }
  return origin;
}

}  // namespace tally::tools
