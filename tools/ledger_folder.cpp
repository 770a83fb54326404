#include "tools/ledger_folder.hpp"

#include <utility>

#include "events/storage_marks.hpp"
#include "projections/projections.hpp"

namespace tally::tools {

namespace {

std::string ledger_of(const std::string& data_dir) { return data_dir + "/ledger"; }

/// Asked about the rows of meta.
auto admission(LedgerUse use, std::string folder) {
  return [use, folder = std::move(folder)](const events::Reader& meta) -> core::Result<void> {
    const projections::InlineProjections projections;
    TALLY_TRY_ASSIGN(const auto age, events::storage_age(meta, projections.all()));
    if (age.is_current || use == LedgerUse::upgrade) return {};
    return core::fail(core::Errc::conflict, folder + ": the rows are another release's: start tallyd once, or run " +
                                                "tally replay without --check, and they are made anew");
  };
}

}  // namespace

core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const std::string& data_dir, LedgerUse use,
                                                                events::RocksOptions options) {
  options.folder = ledger_of(data_dir);
  options.admit = admission(use, options.folder);
  return events::open_rocks_store(options);
}

core::Result<events::Salvage> open_ledger_salvage(const std::string& data_dir) {
  events::RocksOptions options;
  options.folder = ledger_of(data_dir);
  options.admit = admission(LedgerUse::upgrade, options.folder);
  return events::open_rocks_salvage(options);
}

}  // namespace tally::tools
