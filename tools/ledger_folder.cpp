#include "tools/ledger_folder.hpp"

#include <utility>

#include "events/storage_marks.hpp"
#include "projections/projections.hpp"

namespace tally::tools {

core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const std::string& data_dir, LedgerUse use,
                                                                events::RocksOptions options) {
  options.folder = data_dir + "/ledger";
  options.admit = [use, folder = options.folder](const events::Reader& meta) -> core::Result<void> {
    const projections::InlineProjections projections;
    TALLY_TRY_ASSIGN(const auto age, events::storage_age(meta, projections.all()));
    if (age.is_current || use == LedgerUse::upgrade) return {};
    return core::fail(core::Errc::conflict, folder + ": the rows are another release's: start tallyd once, or run " +
                                                "tally replay without --check, and they are made anew");
  };
  return events::open_rocks_store(options);
}

}  // namespace tally::tools
