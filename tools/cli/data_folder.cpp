#include "tools/cli/data_folder.hpp"

#include <filesystem>
#include <utility>

#include "tools/cli/master_key_options.hpp"

namespace tally::tools {

Attempt<std::unique_ptr<events::Store>> open_ledger(Context& context, const std::string& data_dir, LedgerUse use) {
  events::RocksOptions options;
  options.now = [&context] { return context.now(); };
  std::error_code error;
  // Opening would make an empty ledger: not what a mistyped path should do.
  if (!std::filesystem::is_directory(data_dir + "/ledger", error)) {
    return Failure{Exit::unreachable, "there is no ledger in " + data_dir + " (no folder " + data_dir + "/ledger)"};
  }
  auto store = open_ledger_folder(data_dir, use, std::move(options));
  if (store.has_error()) {
    Failure failure = failure_of(store.error());
    if (store.error().code == core::Errc::locked) failure.message += "; stop the server first";
    return failure;
  }
  return std::move(*store);
}

Attempt<LedgerSeal> open_seal(const std::string& data_dir, MasterKeyChoice choice, core::RandomSource& random) {
  choice.folder = data_dir + "/keys";
  auto master_key = open_existing_master_key(choice, random);
  if (master_key.has_error()) return failure_of_keys(master_key.error());
  KeyRing ring{choice.folder, std::move(*master_key), random};
  auto seal = LedgerSeal::open(data_dir, ring, random);
  if (seal.has_error()) return failure_of_keys(seal.error());
  return std::move(*seal);
}

}  // namespace tally::tools
