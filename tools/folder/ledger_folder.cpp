#include "tools/folder/ledger_folder.hpp"

#include <utility>

#include "events/log/storage_marks.hpp"
#include "events/rocks/rocks_look.hpp"
#include "projections/fold/projections.hpp"
#include "tools/folder/kept_checkpoint.hpp"

namespace tally::tools {

namespace {

std::string ledger_of(const std::string& data_dir) { return data_dir + "/ledger"; }

std::string earlier_storage(const std::string& folder, const events::StorageAge& age) {
  return folder + ": the ledger has storage version " + std::to_string(age.storage_version.value_or(0)) +
         ", and this release writes version " + std::to_string(events::kStorageVersion) +
         "; nothing was changed. There is no way back from there but a copy of the data folder: make one while no "
         "server runs, then start once with: tallyd --upgrade-storage";
}

/// Asked about the rows of meta.
auto admission(LedgerUse use, std::string folder) {
  return [use, folder = std::move(folder)](const events::Reader& meta) -> core::Result<void> {
    const projections::InlineProjections projections;
    TALLY_TRY_ASSIGN(const auto age, events::storage_age(meta, projections.all()));
    if (age.is_current || use == LedgerUse::upgrade_storage) return {};
    if (age.is_of_earlier_storage()) return core::fail(core::Errc::conflict, earlier_storage(folder, age));
    if (use == LedgerUse::upgrade) return {};
    return core::fail(core::Errc::conflict, folder + ": the rows are another release's: start tallyd once, or run " +
                                                "tally replay without --check, and they are made anew");
  };
}

/// Before anything is written: what is left is the evidence, and the file that is missing may come back. A note that
/// can not be read is told of by whoever verifies it.
auto size_admission(const std::string& data_dir) {
  return [data_dir](std::uint64_t events) -> core::Result<void> {
    const auto kept = read_kept_checkpoint(data_dir);
    if (kept.has_error() || !*kept) return {};
    const auto holds = core::check_holds(events, {&(*kept)->commitment, 1});
    if (!holds.has_error()) return {};
    return core::fail(holds.error().code, data_dir + ": " + holds.error().detail + std::string{kOlderLedgerWayOut});
  };
}

}  // namespace

std::string anchor_path(const FolderChoice& folder) {
  return folder.anchor_file.empty() ? folder.data_dir + "/anchor" : folder.anchor_file;
}

core::Result<std::optional<core::Commitment>> read_kept_anchor(const FolderChoice& folder) {
  TALLY_TRY_ASSIGN(const auto anchor, events::AnchorFile{anchor_path(folder)}.read());
  if (!anchor) return std::optional<core::Commitment>{};
  return std::optional{core::Commitment{"anchor",
                                        {anchor->size, anchor->root},
                                        anchor->size == 0 ? std::nullopt : std::optional{anchor->last_recorded_at},
                                        core::Commitment::Kind::anchor}};
}

core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const FolderChoice& folder, LedgerUse use,
                                                                events::RocksOptions options) {
  options.folder = ledger_of(folder.data_dir);
  options.admit = admission(use, options.folder);
  options.admit_size = size_admission(folder.data_dir);
  if (!options.anchor) options.anchor = std::make_shared<events::AnchorFile>(anchor_path(folder));
  TALLY_TRY(events::look_before_open(options));
  return events::open_rocks_store(options);
}

core::Result<events::Salvage> open_ledger_salvage(const FolderChoice& folder) {
  events::RocksOptions options;
  options.folder = ledger_of(folder.data_dir);
  options.anchor = std::make_shared<events::AnchorFile>(anchor_path(folder));
  options.admit = admission(LedgerUse::upgrade, options.folder);
  TALLY_TRY(events::look_before_open(options));
  return events::open_rocks_salvage(options);
}

core::Result<events::LedgerInspection> inspect_ledger_folder(const FolderChoice& folder, LedgerUse use) {
  events::RocksOptions options;
  options.folder = ledger_of(folder.data_dir);
  options.anchor = std::make_shared<events::AnchorFile>(anchor_path(folder));
  options.admit = admission(use, options.folder);
  return events::LedgerInspection::open(options);
}

}  // namespace tally::tools
