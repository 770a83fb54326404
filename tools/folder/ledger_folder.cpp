#include "tools/folder/ledger_folder.hpp"

#include <utility>

#include "core/base/limits.hpp"
#include "core/ledger/checkpoint.hpp"
#include "events/log/storage_marks.hpp"
#include "projections/fold/projections.hpp"
#include "tools/base/private_file.hpp"

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

/// How many events the folder's checkpoint was signed for, by whomever. A note that can not be read is told of by
/// whoever verifies it.
std::uint64_t signed_events(const std::string& path) {
  const auto note = read_private_file(path, core::limits::kCheckpointBytesMax);
  if (note.has_error() || !*note) return 0;
  const auto read = core::parse_checkpoint((*note)->reveal());
  return read.has_error() ? 0 : read->checkpoint.tree.size;
}

/// Before anything is written: what is left is the evidence, and the file that is missing may come back.
auto size_admission(const std::string& data_dir) {
  return [path = data_dir + "/checkpoint"](std::uint64_t events) -> core::Result<void> {
    const auto continues = core::check_continues({signed_events(path), {}}, {events, {}});
    if (!continues.has_error()) return {};
    return core::fail(continues.error().code, path + ": " + continues.error().detail + std::string{kOlderLedgerWayOut});
  };
}

}  // namespace

std::string anchor_path(const FolderChoice& folder) {
  return folder.anchor_file.empty() ? folder.data_dir + "/anchor" : folder.anchor_file;
}

core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const FolderChoice& folder, LedgerUse use,
                                                                events::RocksOptions options) {
  options.folder = ledger_of(folder.data_dir);
  options.admit = admission(use, options.folder);
  options.admit_size = size_admission(folder.data_dir);
  if (!options.anchor) options.anchor = std::make_shared<events::AnchorFile>(anchor_path(folder));
  return events::open_rocks_store(options);
}

core::Result<events::Salvage> open_ledger_salvage(const FolderChoice& folder) {
  events::RocksOptions options;
  options.folder = ledger_of(folder.data_dir);
  options.anchor = std::make_shared<events::AnchorFile>(anchor_path(folder));
  options.admit = admission(LedgerUse::upgrade, options.folder);
  return events::open_rocks_salvage(options);
}

}  // namespace tally::tools
