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

/// Those of irreplaceable() that the ledger has, whose logs are whole; an older release's has fewer. Errors: corrupt,
/// io_failed.
core::Result<std::vector<Family>> families_present(const std::string& folder) {
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database_options({}), folder, &names);
  if (!status.ok()) return error_of(status, "open");
  TALLY_TRY(check_logs(folder, {rocksdb::kDefaultColumnFamilyName, std::string{name_of(Family::log)}},
                       WantedOfLogs::every_event));
  std::vector<Family> present;
  for (const Family family : irreplaceable()) {
    if (std::find(names.begin(), names.end(), name_of(family)) != names.end()) present.push_back(family);
  }
  if (present.size() < 2 || present[0] != Family::log || present[1] != Family::meta) {
    return core::fail(core::Errc::corrupt, folder + " holds no log");
  }
  return present;
}

core::Result<std::unique_ptr<ReadOnlyDatabase>> open_some(const RocksOptions& options,
                                                          const std::vector<Family>& families) {
  std::vector<ReadOnlyDatabase::Named> named;
  for (const Family family : families) named.push_back({std::string{name_of(family)}, family});
  return ReadOnlyDatabase::open(options, named);
}

}  // namespace

core::Result<Salvage> open_rocks_salvage(const RocksOptions& options) {
  TALLY_TRY_ASSIGN(auto lock, FolderLock::take(options.folder));
  TALLY_TRY_ASSIGN(std::vector<Family> families, families_present(options.folder));
  auto opened = open_some(options, families);
  if (opened.has_error()) {
    // One damaged family keeps all of them shut: each is tried beside those that open.
    const std::vector<Family> wanted = std::exchange(families, {});
    for (const Family family : wanted) {
      families.push_back(family);
      if (open_some(options, families).has_error()) families.pop_back();
    }
    if (families.empty()) return opened.error();
    TALLY_TRY_ASSIGN(opened, open_some(options, families));
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
