#include "tools/cli/repair_folder.hpp"

#include <functional>

#include "projections/rebuild/tile_repair.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/replay_progress.hpp"

namespace tally::tools {

bool is_repairable(const Verification& verified) {
  return verified.log.is_whole &&
         verified.findings.count() == verified.findings.count_of(projections::Finding::Kind::tile);
}

Attempt<std::uint64_t> repair_folder(Context& context, const FolderChoice& folder) {
  TALLY_TRY_ASSIGN(const auto store, open_ledger(folder));
  ReplayProgress progress{context, "repairing"};
  const auto report = projections::repair_tiles(*store, std::ref(progress));
  if (report.has_error()) return failure_of(report.error());
  return report->differences;
}

}  // namespace tally::tools
