#include "tools/cli/recover_ledger.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/crypto/system_random.hpp"
#include "core/ledger/fork.hpp"
#include "events/ledger/ledger.hpp"
#include "events/log/tiles.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/base/private_file.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/replay_progress.hpp"
#include "tools/folder/kept_checkpoint.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {
namespace {

using core::Result;

/// The files of a data folder that speak of its history.
struct SigningFiles {
  explicit SigningFiles(const std::string& data_dir)
      : checkpoint(data_dir + "/checkpoint"), key(data_dir + "/keys/ledger.key"), former(data_dir + "/keys/former") {}
  [[nodiscard]] bool has_key() const { return is_there(key); }
  [[nodiscard]] bool has_checkpoint() const { return is_there(checkpoint); }
  static bool is_there(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
  }

  std::string checkpoint;
  std::string key;
  std::string former;  ///< Where they go.
};

/// Not there: done before. Errors: io_failed, no_space, too_large.
Result<void> move_file(const std::string& from, const std::string& to) {
  TALLY_TRY_ASSIGN(const auto content, read_private_file(from, core::limits::kCheckpointBytesMax));
  if (!content) return {};
  TALLY_TRY(write_private_file(to, content->reveal()));
  return remove_private_file(from);
}

/// The checkpoint first: a key without one is refused by a start, and found by the next recovery. The path of the key.
Result<std::string> put_away(const SigningFiles& files, std::uint32_t fork) {
  const std::string before = files.former + "/" + std::to_string(fork) + "-";
  TALLY_TRY(make_private_folder(files.former));
  TALLY_TRY(move_file(files.checkpoint, before + "checkpoint"));
  TALLY_TRY(move_file(files.key, before + "ledger.key"));
  return before + "ledger.key";
}

/// The verifier key that a folder's checkpoint is to be held against; empty: its key or what opens it is not at hand.
Attempt<std::string> old_verifier(const RecoverRequest& request, core::RandomSource& random) {
  const auto note = read_kept_checkpoint(request.folder.data_dir);
  MasterKeyChoice choice = request.master_key;
  choice.folder = request.folder.data_dir + "/keys";
  const bool is_given = !choice.file.empty() || !choice.pkcs11_module.empty();
  if (note.has_error() || !*note || (!is_given && !SigningFiles::is_there(choice.folder + "/master.key"))) {
    return std::string{};
  }
  auto master_key = open_existing_master_key(choice, random);
  if (master_key.has_error()) return failure_of_keys(master_key.error());
  const auto key = load_ledger_key(KeyRing{choice.folder, std::move(*master_key), random});
  if (key.has_error()) return failure_of_keys(key.error());
  if (!*key) return std::string{};
  return core::NoteVerifier{(*note)->note.checkpoint.origin, (*key)->public_key()}.str();
}

/// A ledger that was opened whatever is missing from it.
class Recoverer {
 public:
  /// `known`: what was signed or anchored of it before it was opened.
  Recoverer(Context& context, const RecoverRequest& request, std::vector<core::Commitment> known)
      : context_(context), request_(request), files_(request.folder.data_dir), known_(std::move(known)) {}

  Attempt<core::LedgerRecovered> run(events::Store& store) {
    TALLY_TRY_ASSIGN(old_key_, old_verifier(request_, random_));
    core::CommandContext command;
    command.at = context_.now();
    command.via = core::Via::cli;
    random_.fill(command.entropy);
    core::LedgerRecovered done;
    const auto describe = [&](const events::LedgerHead& found) -> Result<core::LedgerRecovered> {
      TALLY_TRY_ASSIGN(done, description_of(store, found));
      return done;
    };
    const auto recovered = events::recover_ledger(store, projections_.all(), command, random_, describe);
    if (recovered.has_error()) return failure_of(recovered.error());
    // Rows that came to the disk before the events that made them, and those that did not.
    ReplayProgress progress{context_};
    const auto rebuilt = projections::rebuild(store, projections::RebuildMode::promote, std::ref(progress));
    if (rebuilt.has_error()) return failure_of(rebuilt.error());
    return done;
  }

  Attempt<std::string> put_key_away(std::uint32_t fork) {
    auto moved = put_away(files_, fork);
    return moved.has_error() ? Attempt<std::string>{failure_of(moved.error())} : Attempt<std::string>{*moved};
  }

 private:
  /// Errors: corrupt, io_failed.
  Result<core::LedgerRecovered> description_of(const events::Store& store, const events::LedgerHead& found) const {
    core::LedgerRecovered recovered{found.tree.size(), found.tree.root(), {}};
    events::Tiles tiles{store, found.tree.size()};
    std::vector<core::KnownOfLedger> known;
    for (const core::Commitment& commitment : known_) {
      core::KnownOfLedger one{commitment};
      if (commitment.tree.size <= found.tree.size()) {
        TALLY_TRY_ASSIGN(const auto beginning, events::range_at(tiles, commitment.tree.size));
        one.is_contained = beginning.root() == commitment.tree.root;
      }
      known.push_back(std::move(one));
    }
    recovered.fork = core::decide_fork(known, files_.has_key() && !files_.has_checkpoint(), found.forks);
    if (recovered.fork.number > 0) recovered.fork.old_key = old_key_;
    return recovered;
  }

  Context& context_;
  const RecoverRequest& request_;
  const SigningFiles files_;
  const std::vector<core::Commitment> known_;
  const projections::InlineProjections projections_;
  core::crypto::SystemRandom random_;
  std::string old_key_;
};

Attempt<std::uint64_t> count_events(const events::Store& store) {
  const auto head = events::load_head(store);
  if (head.has_error()) return failure_of(head.error());
  return head->tree.size();
}

}  // namespace

Attempt<Recovery> recover_ledger_folder(Context& context, const RecoverRequest& request) {
  Recovery recovery;
  {
    const auto whole = open_ledger(request.folder, LedgerUse::as_it_is);
    if (!whole.has_error()) {
      TALLY_TRY_ASSIGN(recovery.events, count_events(**whole));
      return recovery;
    }
    if (whole.error().exit != Exit::damaged || !request.accept_loss) return whole.error();
    recovery.missing = whole.error().message;
  }
  Recoverer recoverer{context, request, known_of(request.folder)};
  {
    TALLY_TRY_ASSIGN(const auto store, open_ledger(request.folder, LedgerUse::as_it_is, Loss::accepted));
    TALLY_TRY_ASSIGN(recovery.done, recoverer.run(*store));
  }
  recovery.events = recovery.done->size;
  if (recovery.done->fork.number > 0) {
    TALLY_TRY_ASSIGN(recovery.key_file, recoverer.put_key_away(recovery.done->fork.number));
  }
  return recovery;
}

}  // namespace tally::tools
