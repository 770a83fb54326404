#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/ledger/commitment.hpp"
#include "events/rocks/rocks_inspection.hpp"
#include "events/rocks/rocks_salvage.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/store.hpp"

namespace tally::tools {

/// What happens to a ledger of another release, if this one can bring it up to date. After an opening that lets it in
/// projections::bring_up_to_date() comes next.
enum class LedgerUse : std::uint8_t {
  as_it_is,         ///< It is refused and left as it is.
  upgrade,          ///< Where only rows are another release's it is opened; of an earlier storage version as_it_is.
  upgrade_storage,  ///< It is opened: somebody has asked for what has no way back.
};

/// Which data folder, and what of it lies elsewhere.
struct FolderChoice {
  std::string data_dir;
  std::string anchor_file = {};  ///< Empty: `anchor` in the data folder.
};

/// The path of the folder's anchor.
std::string anchor_path(const FolderChoice& folder);

/// What the folder's anchor says that the ledger held; empty: there is none. Errors: corrupt, io_failed.
core::Result<std::optional<core::Commitment>> read_kept_anchor(const FolderChoice& folder);

/// The same of its checkpoint and its anchor, as far as they are there and can be read.
std::vector<core::Commitment> known_of(const FolderChoice& folder);

/// What an operator does who goes on with less than was signed.
inline constexpr std::string_view kOlderLedgerWayOut =
    "; to go on from an older state on purpose, see \"Going back to an older ledger\" in docs/operations.md";

/// The one way to the ledger of a data folder, for every program: what `use` does not let in, and a later release's, is
/// refused before any of its files is changed, and so is one that has fewer events than its checkpoint was signed for,
/// or falls short of its anchor (corrupt). `options` but for the folder and admission, and for the anchor unless it is
/// given. Errors: as open_rocks_store, unknown_event (a later release's), conflict (another release's, which `use` does
/// not let in).
core::Result<std::unique_ptr<events::Store>> open_ledger_folder(const FolderChoice& folder, LedgerUse use,
                                                                events::RocksOptions options);

/// What can still be read of a ledger whose rows are damaged; a later release's is refused, and one of an earlier
/// storage version, and nothing is changed. Errors: as open_rocks_salvage, unknown_event, conflict.
core::Result<events::Salvage> open_ledger_salvage(const FolderChoice& folder);

/// The ledger of a stopped server, damaged or not, to be verified; nothing is changed. A later release's is refused.
/// Errors: as LedgerInspection::open, unknown_event, conflict (another release's, which `use` does not let in).
core::Result<events::LedgerInspection> inspect_ledger_folder(const FolderChoice& folder, LedgerUse use);

}  // namespace tally::tools
