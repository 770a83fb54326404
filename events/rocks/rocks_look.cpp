#include "events/rocks/rocks_look.hpp"

#include <array>
#include <filesystem>

#include "events/rocks/rocks_database.hpp"
#include "events/rocks/rocks_read_only.hpp"

namespace tally::events {

core::Result<void> look_before_open(const RocksOptions& options) {
  if (!options.admit || !std::filesystem::exists(options.folder + "/CURRENT")) return {};
  const auto lock = FolderLock::take_to_read(options.folder);
  if (lock.has_error()) return lock.error().code == core::Errc::locked ? lock.error() : core::Result<void>{};
  // The other families are left shut, and with them most of the files.
  const std::array meta{ReadOnlyDatabase::Named{std::string{name_of(Family::meta)}, Family::meta}};
  const auto opened = ReadOnlyDatabase::open(options, meta, false);
  if (opened.has_error() || !(*opened)->has(Family::meta)) return {};
  const auto admitted = options.admit(**opened);
  return admitted.has_error() && admitted.error().code == core::Errc::corrupt ? core::Result<void>{} : admitted;
}

}  // namespace tally::events
