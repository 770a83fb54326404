#include "tools/cli/data_folder.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "tools/cli/master_key_options.hpp"
#include "tools/cli/signed_state.hpp"

namespace tally::tools {

void add_folder_options(CommandSpec& command, FolderChoice& folder) {
  command.option("--data-dir", folder.data_dir, "the server's data folder (TALLY_DATA_DIR)")
      .required()
      .variable("TALLY_DATA_DIR")
      .placeholder("DIR");
  command.option("--anchor-file", folder.anchor_file, "its anchor, where the server has it elsewhere (DIR/anchor)")
      .variable("TALLY_ANCHOR_FILE")
      .placeholder("FILE");
}

Attempt<void> check_ledger_is_there(const std::string& data_dir) {
  std::error_code error;
  const std::string ledger = data_dir + "/ledger";
  if (std::filesystem::is_directory(ledger, error)) return {};
  const bool is_unfinished = std::filesystem::is_directory(ledger + ".new", error);
  return Failure{Exit::unreachable,
                 "there is no ledger in " + data_dir + " (no folder " + ledger +
                     (is_unfinished ? "; " + ledger + ".new is of a first start that was cut short)" : ")")};
}

Attempt<void> check_owner(const std::string& data_dir) {
  struct stat found{};
  if (::stat((data_dir + "/ledger").c_str(), &found) != 0 || found.st_uid == ::geteuid()) return {};
  const std::string owner = std::to_string(found.st_uid);
  return Failure{Exit::unreachable, data_dir + " belongs to uid " + owner + ", and this is uid " +
                                        std::to_string(::geteuid()) +
                                        ": the server could not read what this would write; run it as the owner: "
                                        "sudo -u '#" +
                                        owner + "' tally ..."};
}

Failure failure_of_folder(const core::Error& error) {
  Failure failure = failure_of(error);
  if (error.code == core::Errc::locked) failure.message += "; stop the server first";
  return failure;
}

Attempt<std::unique_ptr<events::Store>> open_ledger(const FolderChoice& folder, LedgerUse use, Loss loss) {
  const std::string& data_dir = folder.data_dir;
  events::RocksOptions options;
  options.accepts_loss = loss == Loss::accepted;
  // Opening would make an empty ledger: not what a mistyped path should do.
  TALLY_TRY(check_ledger_is_there(data_dir));
  TALLY_TRY(check_owner(data_dir));
  auto store = open_ledger_folder(folder, use, std::move(options));
  if (store.has_error()) return failure_of_folder(store.error());
  if (loss == Loss::refused) TALLY_TRY(check_checkpoint_is_there(**store, data_dir));
  return std::move(*store);
}

Attempt<SignedLedger> open_signed_ledger(const std::string& data_dir, MasterKeyChoice choice,
                                         core::RandomSource& random) {
  choice.folder = data_dir + "/keys";
  auto master_key = open_existing_master_key(choice, random);
  if (master_key.has_error()) return failure_of_keys(master_key.error());
  KeyRing ring{choice.folder, std::move(*master_key), random};
  auto signed_ledger = SignedLedger::open(data_dir, ring, random);
  if (signed_ledger.has_error()) return failure_of_keys(signed_ledger.error());
  return std::move(*signed_ledger);
}

}  // namespace tally::tools
