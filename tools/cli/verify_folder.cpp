#include "tools/cli/verify_folder.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <utility>

#include "core/crypto/system_random.hpp"
#include "events/store/family.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/replay_progress.hpp"
#include "tools/cli/signed_state.hpp"
#include "tools/folder/kept_checkpoint.hpp"
#include "tools/folder/ledger_folder.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {
namespace {

using projections::Finding;

/// Who signs the folder's notes: as a person says, or as the folder does.
class Signer {
 public:
  Signer() = default;
  explicit Signer(core::NoteVerifier given) : given_(std::move(given)) {}
  explicit Signer(core::crypto::VerifyingKey own) : own_(std::move(own)) {}

  [[nodiscard]] bool is_known() const { return given_ || own_; }
  /// The folder's own key counts under whatever name is in the note: that may have changed. Only if is_known().
  [[nodiscard]] core::NoteVerifier for_note(const core::SignedCheckpoint& note) const {
    return given_ ? *given_ : core::NoteVerifier{note.checkpoint.origin, *own_};
  }

 private:
  std::optional<core::NoteVerifier> given_;
  std::optional<core::crypto::VerifyingKey> own_;
};

/// The key that the folder keeps; unknown, and said why, if the folder lacks it or what opens it.
Attempt<Signer> own_signer(const VerifyRequest& request, std::vector<std::string>& unknown) {
  MasterKeyChoice choice = request.master_key;
  choice.folder = request.folder.data_dir + "/keys";
  std::error_code error;
  const std::string wrapped = choice.folder + "/ledger.key";
  const bool is_named = !choice.file.empty() || !choice.pkcs11_module.empty();
  if (!std::filesystem::exists(wrapped, error)) {
    unknown.push_back("whether signatures are good: there is no " + wrapped + "; give --key");
    return Signer{};
  }
  if (!is_named && !std::filesystem::exists(choice.folder + "/master.key", error)) {
    unknown.push_back("whether signatures are good: no master key is in " + choice.folder +
                      "; give --key or --master-key-file");
    return Signer{};
  }
  core::crypto::SystemRandom random;
  auto master_key = open_existing_master_key(choice, random);
  if (master_key.has_error()) return failure_of_keys(master_key.error());
  const auto key = load_ledger_key(KeyRing{choice.folder, std::move(*master_key), random});
  if (key.has_error()) return failure_of_keys(key.error());
  return *key ? Signer{(*key)->public_key()} : Signer{};
}

Attempt<Signer> signer_of(const VerifyRequest& request, std::vector<std::string>& unknown) {
  if (request.key.empty()) return own_signer(request, unknown);
  auto given = core::NoteVerifier::parse(request.key);
  if (given.has_error())
    return Failure{Exit::usage, "--key: " + given.error().detail + ", as tally ledger key shows it"};
  return Signer{std::move(*given)};
}

/// A note that a person kept. Errors: usage.
Attempt<core::Commitment> kept_note(const std::string& path, const Signer& signer) {
  const auto refusal = [&](const std::string& why) { return Failure{Exit::usage, "--against: " + why}; };
  const auto file = read_note_file(path);
  if (file.has_error()) return refusal(file.error().detail);
  if (!*file) return refusal("there is no file " + path);
  const auto note = core::parse_checkpoint((*file)->text);
  if (note.has_error()) return refusal(path + " is no note: " + note.error().detail);
  if (signer.is_known()) {
    const core::NoteVerifier verifier = signer.for_note(*note);
    if (!verifier.has_signed(*note)) {
      return refusal(path + " of " + note->checkpoint.origin.str() + " is not signed by " + verifier.str() +
                     ": it is another ledger's, or of another key");
    }
  }
  return core::Commitment{path, note->checkpoint.tree, {}};
}

/// One folder on its way through all checks.
class FolderCheck {
 public:
  FolderCheck(Context& context, const VerifyRequest& request, const events::LedgerInspection& ledger,
              Verification& into)
      : context_(context), request_(request), ledger_(ledger), into_(into) {}

  /// Whatever is looked at, in this order. A further one is an entry more.
  Attempt<void> run() {
    constexpr std::array kChecks{&FolderCheck::check_opening, &FolderCheck::check_files, &FolderCheck::check_log,
                                 &FolderCheck::check_rows};
    for (const auto check : kChecks) TALLY_TRY((this->*check)());
    return {};
  }

 private:
  Attempt<void> check_opening() {
    for (const std::string& flaw : ledger_.flaws()) add(Finding::Kind::file, flaw);
    const auto allowed = check_checkpoint_is_there(ledger_.reader(), request_.folder.data_dir);
    if (!allowed.has_error()) return {};
    if (allowed.error().exit != Exit::damaged) return allowed.error();
    add(Finding::Kind::checkpoint, allowed.error().message);
    return {};
  }

  Attempt<void> check_files() {
    ReplayProgress progress{context_};
    into_.files = ledger_.check_files([&](std::uint64_t done, std::uint64_t total) { progress.read(done, total); });
    for (const std::string& flaw : into_.files.damaged) add(Finding::Kind::file, flaw);
    if (into_.files.without_sum > 0) {
      into_.unknown.push_back("whether " + std::to_string(into_.files.without_sum) +
                              " files hold what was written: nobody kept their checksums");
    }
    return {};
  }

  Attempt<void> check_log() {
    ReplayProgress progress{context_, "verifying"};
    // Where a file of rows keeps the others shut, log and meta are all that is open.
    const auto trees = ledger_.has_rows() ? projections::TreeRows::verified : projections::TreeRows::left_out;
    if (!ledger_.has_rows()) into_.unknown.emplace_back("whether the tiles are those of the log: they are not open");
    auto verified =
        projections::verify_log(ledger_.reader(), into_.signed_by, into_.findings, std::ref(progress), trees);
    if (verified.has_error()) return failure_of(verified.error());
    into_.log = std::move(*verified);
    if (into_.log.events_unnumbered > 0) {
      into_.unknown.push_back("the numbers of " + std::to_string(into_.log.events_unnumbered) +
                              " events in their workspaces: there are too many workspaces");
    }
    return {};
  }

  Attempt<void> check_rows() {
    if (!request_.rows) return {};
    if (!into_.log.is_whole || !ledger_.has_rows()) {
      into_.unknown.push_back(into_.log.is_whole ? "whether the rows are those of the log: not all can be opened"
                                                 : "whether the rows are those of the log: the log is not whole");
      return {};
    }
    const auto scratch = ledger_.make_scratch();
    if (scratch.has_error()) return failure_of(scratch.error());
    ReplayProgress progress{context_};
    const auto compared = projections::compare_rows(ledger_.reader(), (*scratch)->store(), std::ref(progress));
    if (compared.has_error()) return failure_of(compared.error());
    tell_rows(*compared);
    return {};
  }

  void tell_rows(const projections::RebuildReport& compared) {
    into_.rows = compared.rows;
    for (const projections::Difference& difference : compared.first_differences) {
      add(Finding::Kind::rows, "a row of " + std::string{events::name_of(difference.family)} + " is " +
                                   std::string{projections::name_of(difference.kind)} + ": " + difference.key_hex);
    }
    const std::uint64_t told = compared.first_differences.size();
    if (compared.differences > told) {
      add(Finding::Kind::rows, std::to_string(compared.differences - told) + " more rows differ");
    }
    if (!compared.unreadable.empty()) add(Finding::Kind::rows, "rows can not be read: " + compared.unreadable);
  }

  void add(Finding::Kind kind, const std::string& sentence) { into_.findings.add(kind, std::nullopt, sentence); }

  Context& context_;
  const VerifyRequest& request_;
  const events::LedgerInspection& ledger_;
  Verification& into_;
};

/// The folder's anchor; one that can not be read is found by the opening.
Attempt<void> take_anchor(const VerifyRequest& request, Verification& into) {
  const auto anchored = read_kept_anchor(request.folder);
  if (anchored.has_error() && anchored.error().code != core::Errc::corrupt) return failure_of(anchored.error());
  if (anchored.has_value() && *anchored) into.signed_by.push_back(**anchored);
  return {};
}

/// The folder's own checkpoint. Errors: unreachable.
Attempt<void> take_checkpoint(const VerifyRequest& request, const Signer& signer, Verification& into) {
  const auto kept = read_kept_checkpoint(request.folder.data_dir);
  if (kept.has_error() && kept.error().code != core::Errc::corrupt) return failure_of(kept.error());
  if (kept.has_error()) {
    into.findings.add(Finding::Kind::checkpoint, std::nullopt,
                      "the checkpoint can not be read: " + kept.error().detail);
  }
  if (kept.has_error() || !*kept) return {};
  into.signed_by.push_back((*kept)->commitment);
  if (!signer.is_known()) return {};
  const core::NoteVerifier verifier = signer.for_note((*kept)->note);
  if (!verifier.has_signed((*kept)->note)) {
    into.findings.add(Finding::Kind::checkpoint, std::nullopt,
                      "the checkpoint of " + (*kept)->note.checkpoint.origin.str() + " with " +
                          std::to_string((*kept)->commitment.tree.size) + " events is not signed by " + verifier.str());
  }
  return {};
}

}  // namespace

Attempt<Verification> verify_folder(Context& context, const VerifyRequest& request) {
  TALLY_TRY(check_ledger_is_there(request.folder.data_dir));
  // What another user left in the folder the server could not remove.
  if (request.rows || request.repair_tiles) TALLY_TRY(check_owner(request.folder.data_dir));
  const ReplayProgress clock{context};
  Verification made;
  TALLY_TRY_ASSIGN(const Signer signer, signer_of(request, made.unknown));
  made.is_signature_checked = signer.is_known();
  const auto ledger = inspect_ledger_folder(request.folder, request.rows ? LedgerUse::as_it_is : LedgerUse::upgrade);
  if (ledger.has_error() && ledger.error().code != core::Errc::corrupt) return failure_of_folder(ledger.error());
  TALLY_TRY(take_checkpoint(request, signer, made));
  if (!request.against.empty()) {
    TALLY_TRY_ASSIGN(core::Commitment note, kept_note(request.against, signer));
    made.signed_by.push_back(std::move(note));
  }
  TALLY_TRY(take_anchor(request, made));
  if (ledger.has_error()) {
    made.findings.add(Finding::Kind::file, std::nullopt, ledger.error().detail);
    made.unknown.emplace_back("anything else: the ledger can not be opened");
  } else {
    TALLY_TRY(FolderCheck(context, request, *ledger, made).run());
  }
  made.seconds = clock.seconds();
  return made;
}

}  // namespace tally::tools
