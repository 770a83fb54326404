#include "events/log/storage_marks.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::events {
namespace {

using core::Errc;
using Versions = std::map<std::string, std::uint32_t, std::less<>>;

core::Result<std::uint32_t> decode_version(std::string_view name, std::string_view row) {
  const auto version = read_be32(row);
  if (!version || row.size() != 4) return core::fail(Errc::corrupt, std::string{name} + " has a wrong length");
  return *version;
}

/// Empty: a new ledger.
core::Result<std::optional<std::uint32_t>> read_storage_version(const Reader& meta) {
  TALLY_TRY_ASSIGN(const auto row, meta.get(Family::meta, kSchemaRow));
  if (!row) {
    TALLY_TRY_ASSIGN(const auto head, meta.get(Family::meta, kHeadRow));
    if (head) return core::fail(Errc::corrupt, "the ledger has events, but no storage version");
    return std::optional<std::uint32_t>{};
  }
  TALLY_TRY_ASSIGN(const std::uint32_t version, decode_version("the storage version", *row));
  if (version > kStorageVersion) {
    return core::fail(Errc::unknown_event, "the ledger has storage version " + std::to_string(version) +
                                               ", this release knows up to " + std::to_string(kStorageVersion) +
                                               ": use the release that wrote it, or a later one");
  }
  return std::optional{version};
}

core::Result<Versions> read_projections(const Reader& meta) {
  Versions versions;
  const auto cursor = meta.scan(Family::meta, prefix_range(kProjectionPrefix));
  for (; cursor->valid(); cursor->next()) {
    TALLY_TRY_ASSIGN(const std::uint32_t version, decode_version(cursor->key(), cursor->value()));
    versions.emplace(cursor->key().substr(kProjectionPrefix.size()), version);
  }
  TALLY_TRY(cursor->status());
  return versions;
}

MetaRow mark(std::string name, std::uint32_t version) {
  MetaRow row{std::move(name), {}};
  append_be32(row.value, version);
  return row;
}

}  // namespace

core::Result<StorageAge> storage_age(const Reader& meta, ProjectionList projections) {
  TALLY_TRY_ASSIGN(const auto storage_version, read_storage_version(meta));
  TALLY_TRY_ASSIGN(auto stored, read_projections(meta));
  StorageAge age;
  age.storage_version = storage_version;
  for (Projection* projection : projections) {
    const auto found = stored.find(projection->name());
    if (found == stored.end() || found->second != projection->version()) age.stale.push_back(projection);
    if (found != stored.end()) stored.erase(found);
  }
  if (!stored.empty()) {
    return core::fail(Errc::unknown_event, "the ledger has rows of a later release: " + stored.begin()->first +
                                               ": use the release that wrote it, or a later one");
  }
  age.is_current = storage_version == kStorageVersion && age.stale.empty();
  return age;
}

core::Result<bool> has_tiles(const Reader& meta) {
  TALLY_TRY_ASSIGN(const auto version, read_storage_version(meta));
  return version && *version >= kStorageVersionOfTiles;
}

MetaRow storage_mark(std::uint32_t version) { return mark(std::string{kSchemaRow}, version); }

std::vector<MetaRow> storage_marks(ProjectionList projections) {
  std::vector<MetaRow> marks{storage_mark(kStorageVersion)};
  for (const Projection* projection : projections) {
    marks.push_back(mark(std::string{kProjectionPrefix}.append(projection->name()), projection->version()));
  }
  return marks;
}

}  // namespace tally::events
