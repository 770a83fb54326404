#include "tools/cli/data_folder.hpp"

#include <filesystem>

#include "events/rocks_store.hpp"

namespace tally::tools {

Attempt<std::unique_ptr<events::Store>> open_ledger(Context& context, const std::string& data_dir) {
  events::RocksOptions options;
  options.folder = data_dir + "/ledger";
  options.now = [&context] { return context.now(); };
  std::error_code error;
  // Opening would make an empty ledger: not what a mistyped path should do.
  if (!std::filesystem::is_directory(options.folder, error)) {
    return Failure{Exit::unreachable, "there is no ledger in " + data_dir + " (no folder " + options.folder + ")"};
  }
  auto store = events::open_rocks_store(options);
  if (store.has_error()) {
    Failure failure = failure_of(store.error());
    if (store.error().code == core::Errc::locked) failure.message += "; stop the server first";
    return failure;
  }
  return std::move(*store);
}

}  // namespace tally::tools
