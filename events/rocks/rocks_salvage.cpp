#include "events/rocks/rocks_salvage.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "core/base/check.hpp"
#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_log_check.hpp"

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

/// A database that is read and never written, with some of its families.
class SalvagedReader final : public Reader {
 public:
  /// Errors: corrupt, io_failed.
  static core::Result<std::unique_ptr<SalvagedReader>> open(const RocksOptions& options, const Present& present) {
    const std::span<const Family> families = present.families;
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
        {rocksdb::kDefaultColumnFamilyName, unused_family_options()}};
    for (const Family family : families) {
      descriptors.emplace_back(std::string{name_of(family)}, family_options(family, options, nullptr, nullptr));
    }
    rocksdb::DBOptions database_choices = database_options(options);
    database_choices.create_if_missing = false;
    if (present.has_damaged_tail) {
      database_choices.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* database = nullptr;
    const auto status =
        rocksdb::DB::OpenForReadOnly(database_choices, options.folder, descriptors, &handles, &database);
    if (!status.ok()) return error_of(status, "open");
    return std::unique_ptr<SalvagedReader>{
        new SalvagedReader{std::unique_ptr<rocksdb::DB>{database}, families, std::move(handles)}};
  }

  ~SalvagedReader() override {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) database_->DestroyColumnFamilyHandle(handle);
  }
  SalvagedReader(const SalvagedReader&) = delete;
  SalvagedReader& operator=(const SalvagedReader&) = delete;

  /// For as long as this is read.
  void hold(FolderLock lock) { lock_.emplace(std::move(lock)); }

  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return rocks_get(*database_, handle_of(family), key, nullptr);
  }
  std::unique_ptr<Cursor> scan(Family family, const ScanRange& range) const override {
    return rocks_scan(*database_, handle_of(family), range, nullptr);
  }

 private:
  SalvagedReader(std::unique_ptr<rocksdb::DB> database, std::span<const Family> families,
                 std::vector<rocksdb::ColumnFamilyHandle*> handles)
      : database_(std::move(database)), handles_(std::move(handles)) {
    for (std::size_t index = 0; index < families.size(); ++index) {
      by_family_[static_cast<std::size_t>(families[index])] = handles_[index + 1];
    }
  }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle_of(Family family) const {
    rocksdb::ColumnFamilyHandle* handle = by_family_[static_cast<std::size_t>(family)];
    TALLY_CHECK(handle != nullptr, std::string{name_of(family)});
    return handle;
  }

  std::optional<FolderLock> lock_;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  FamilyHandles by_family_{};
};

}  // namespace

core::Result<Salvage> open_rocks_salvage(const RocksOptions& options) {
  TALLY_TRY_ASSIGN(auto lock, FolderLock::take(options.folder));
  TALLY_TRY_ASSIGN(const auto anchor, load_anchor(options.anchor.get()));
  TALLY_TRY_ASSIGN(Present present, families_present(options.folder, anchor));
  std::vector<Family>& families = present.families;
  auto opened = SalvagedReader::open(options, present);
  if (opened.has_error()) {
    // One damaged family keeps all of them shut: each is tried beside those that open.
    const std::vector<Family> wanted = std::exchange(families, {});
    for (const Family family : wanted) {
      families.push_back(family);
      if (SalvagedReader::open(options, present).has_error()) families.pop_back();
    }
    if (families.empty()) return opened.error();
    TALLY_TRY_ASSIGN(opened, SalvagedReader::open(options, present));
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
