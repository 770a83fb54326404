#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "events/log/meta_rows.hpp"
#include "events/store/projection.hpp"
#include "events/store/store.hpp"

/// Which release has made what is stored: the rows `schema` and `projection:NAME` of meta. Source: docs/formats.md,
/// docs/adr/0030-rows-of-another-release.md.
namespace tally::events {

using ProjectionList = std::span<Projection* const>;

/// How stored rows stand to a release's projections.
struct StorageAge {
  bool is_current = false;                            ///< Storage version and projections are the release's.
  std::optional<std::uint32_t> storage_version = {};  ///< Absent: of a new ledger.
  std::vector<Projection*> stale;  ///< Those whose rows were made by another version of them, or by none that said so.

  /// Whether what is stored takes another form with this release: not only rows are made anew, and there is no way
  /// back.
  [[nodiscard]] bool is_of_earlier_storage() const { return storage_version && *storage_version < kStorageVersion; }
};

/// Reads the family meta and nothing else. A new ledger is not current, and all of it is stale. Errors: unknown_event
/// (a later release has written here: its storage version or a projection of its own is not known), corrupt, io_failed.
core::Result<StorageAge> storage_age(const Reader& meta, ProjectionList projections);

/// Whether the ledger's storage version is one that has tiles: whatever its projections are.
/// Errors: as storage_age().
core::Result<bool> has_tiles(const Reader& meta);

/// The row of a storage version.
MetaRow storage_mark(std::uint32_t version);

/// The rows that make a ledger current.
std::vector<MetaRow> storage_marks(ProjectionList projections);

}  // namespace tally::events
