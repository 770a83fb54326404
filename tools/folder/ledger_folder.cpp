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
auto size_admission(const FolderChoice& folder) {
  return [folder](std::uint64_t events, const std::string& where) -> core::Result<void> {
    const auto holds = core::check_holds(events, known_of(folder));
    if (!holds.has_error()) return {};
    return core::fail(holds.error().code, folder.data_dir + ": " + holds.error().detail +
                                              (where.empty() ? "" : "; " + where) + std::string{kOlderLedgerWayOut});
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

std::vector<core::Commitment> known_of(const FolderChoice& folder) {
  std::vector<core::Commitment> known;
  const auto checkpoint = read_kept_checkpoint(folder.data_dir);
  if (checkpoint.has_value() && *checkpoint) known.push_back((*checkpoint)->commitment);
  const auto anchor = read_kept_anchor(folder);
  if (anchor.has_value() && *anchor) known.push_back(**anchor);
  return known;
}

core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const FolderChoice& folder, LedgerUse use,
                                                                events::RocksOptions options) {
  options.folder = ledger_of(folder.data_dir);
  options.admit = admission(use, options.folder);
  if (!options.accepts_loss) options.admit_size = size_admission(folder);
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
