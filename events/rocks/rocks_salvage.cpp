#include "events/rocks/rocks_salvage.hpp"

#include <algorithm>
#include <utility>

#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_log_check.hpp"
#include "events/rocks/rocks_read_only.hpp"

namespace tally::events {
namespace {

/// Rows that are there once and are in no event, and the log, which comes first.
std::vector<Family> irreplaceable() {
  std::vector<Family> families{Family::log, Family::meta};
  for (const Family family : all_families()) {
    if (is_beside_log(family)) families.push_back(family);
  }
  return families;
}

/// What can be tried, and how.
struct Present {
  std::vector<Family> families;
  bool has_damaged_tail = false;  ///< As in CheckedLogs.
};

/// Those of irreplaceable() that the ledger has, whose logs are whole; an older release's has fewer. Errors: corrupt,
/// io_failed.
core::Result<Present> families_present(const std::string& folder, const std::optional<Anchor>& anchor) {
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database_options({}), folder, &names);
  if (!status.ok()) return error_of(status, "open");
  TALLY_TRY_ASSIGN(const CheckedLogs logs,
                   check_logs(folder, {rocksdb::kDefaultColumnFamilyName, std::string{name_of(Family::log)}},
                              WantedOfLogs::every_event, anchor));
  std::vector<Family> present;
  for (const Family family : irreplaceable()) {
    if (std::find(names.begin(), names.end(), name_of(family)) != names.end()) present.push_back(family);
  }
  if (present.size() < 2 || present[0] != Family::log || present[1] != Family::meta) {
    return core::fail(core::Errc::corrupt, folder + " holds no log");
  }
  return Present{std::move(present), logs.has_damaged_tail};
}

core::Result<std::unique_ptr<ReadOnlyDatabase>> open_some(const RocksOptions& options, const Present& present) {
  std::vector<ReadOnlyDatabase::Named> named;
  for (const Family family : present.families) named.push_back({std::string{name_of(family)}, family});
  return ReadOnlyDatabase::open(options, named, present.has_damaged_tail);
}

}  // namespace

core::Result<Salvage> open_rocks_salvage(const RocksOptions& options) {
  TALLY_TRY_ASSIGN(auto lock, FolderLock::take(options.folder));
  TALLY_TRY_ASSIGN(const auto anchor, load_anchor(options.anchor.get()));
  TALLY_TRY_ASSIGN(Present present, families_present(options.folder, anchor));
  std::vector<Family>& families = present.families;
  auto opened = open_some(options, present);
  if (opened.has_error()) {
    // One damaged family keeps all of them shut: each is tried beside those that open.
    const std::vector<Family> wanted = std::exchange(families, {});
    for (const Family family : wanted) {
      families.push_back(family);
      if (open_some(options, present).has_error()) families.pop_back();
    }
    if (families.empty()) return opened.error();
    TALLY_TRY_ASSIGN(opened, open_some(options, present));
  }
  if (families.front() != Family::log) return core::fail(core::Errc::corrupt, options.folder + ": no log can be read");
  (*opened)->hold(std::move(lock));
  Salvage salvage{std::move(*opened), std::move(families)};
  const auto meta = std::find(salvage.families.begin(), salvage.families.end(), Family::meta);
  if (!options.admit || meta == salvage.families.end()) return salvage;
  const auto admitted = options.admit(*salvage.reader);
  // Rows of meta that can not be read say nothing, neither of the release; the events themselves do.
  if (admitted.has_error() && admitted.error().code == core::Errc::corrupt) salvage.families.erase(meta);
  if (admitted.has_error() && admitted.error().code != core::Errc::corrupt) return admitted.error();
  return salvage;
}

}  // namespace tally::events
