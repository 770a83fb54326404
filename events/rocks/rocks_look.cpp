#include "events/rocks/rocks_look.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <set>

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_log_files.hpp"
#include "events/rocks/rocks_read_only.hpp"

namespace tally::events {
namespace {

/// Whether the tables alone, without the write-ahead logs, which may take a second to read, hold a storage version that
/// is admitted. It never goes down.
bool tables_are_admitted(const RocksOptions& options) {
  const auto env =
      rocksdb::NewCompositeEnv(std::make_shared<LogFiles>(LogFiles::Reading::nothing, std::set<std::uint64_t>{}));
  const std::array meta{ReadOnlyDatabase::Named{std::string{name_of(Family::meta)}, Family::meta}};
  const auto opened = ReadOnlyDatabase::open(options, meta, false, env.get());
  if (opened.has_error() || !(*opened)->has(Family::meta)) return false;
  const auto version = (*opened)->get(Family::meta, kSchemaRow);
  return version.has_value() && *version && options.admit(**opened).has_value();
}

}  // namespace

core::Result<void> look_before_open(const RocksOptions& options) {
  if (!options.admit || !std::filesystem::exists(options.folder + "/CURRENT")) return {};
  const auto lock = FolderLock::take_to_read(options.folder);
  if (lock.has_error()) return lock.error().code == core::Errc::locked ? lock.error() : core::Result<void>{};
  if (tables_are_admitted(options)) return {};
  // The other families are left shut, and with them most of the files.
  const std::array meta{ReadOnlyDatabase::Named{std::string{name_of(Family::meta)}, Family::meta}};
  const auto opened = ReadOnlyDatabase::open(options, meta, false);
  if (opened.has_error() || !(*opened)->has(Family::meta)) return {};
  const auto admitted = options.admit(**opened);
  return admitted.has_error() && admitted.error().code == core::Errc::corrupt ? core::Result<void>{} : admitted;
}

}  // namespace tally::events
