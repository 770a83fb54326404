#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "events/log/storage_marks.hpp"
#include "events/store/store.hpp"

namespace tally::projections {

struct RebuildProgress {
  std::uint64_t events_done = 0;
  std::uint64_t events_total = 0;
  std::string_view making = "rows";  ///< Or "tiles". Lifetime: a literal.
};

/// Where the rows of a family differ between the live projections and a replay of the log.
struct Difference {
  events::Family family;
  std::string key_hex;  ///< unreadable: of the last live row that could be read; empty: of none.
  enum class Kind : std::uint8_t { missing, extra, changed, unreadable } kind = Kind::changed;
};

/// `changed`.
std::string_view name_of(Difference::Kind kind);

struct RebuildReport {
  std::uint64_t events = 0;
  std::uint64_t rows = 0;
  bool promoted = false;
  std::uint64_t differences = 0;
  std::vector<Difference> first_differences;  ///< At most 20.
  std::string unreadable;                     ///< Why live rows could not be read; empty: all could.
};

enum class RebuildMode : std::uint8_t {
  check,    ///< Compare with the live rows byte by byte, then drop the twins.
  promote,  ///< Compare, then make the twins live.
};

/// Reads the whole log into fresh families beside the live ones, of a ledger of this storage version. Tiles and the
/// workspaces' trees are compared and never replaced. No writer may run. A live row that can not be read is a
/// difference, and the rest of its family is not compared. Errors: corrupt (the log, or it is not what its head commits
/// to), unknown_event, io_failed.
core::Result<RebuildReport> rebuild(events::Store& store, RebuildMode mode,
                                    const std::function<void(const RebuildProgress&)>& on_progress);

/// The same for a choice of projections; the families of the others are left alone.
core::Result<RebuildReport> rebuild(events::Store& store, events::ProjectionList projections, RebuildMode mode,
                                    const std::function<void(const RebuildProgress&)>& on_progress);

/// The check of the projections' rows, of a ledger that is not written to: the twins are made in `scratch`, an empty
/// store. Errors: as rebuild().
core::Result<RebuildReport> compare_rows(const events::Reader& ledger, events::Store& scratch,
                                         const std::function<void(const RebuildProgress&)>& on_progress);

/// What bring_up_to_date() made anew; nothing: the rows were this release's.
struct UpgradeReport {
  std::vector<std::string_view> projections;
  bool tiles = false;  ///< The tiles, and with them the storage version.
  /// All of it, by name.
  [[nodiscard]] std::vector<std::string_view> names() const;
  std::uint64_t events = 0;
};

/// Makes tiles where the storage version has none (tile_upgrade.hpp), then the rows of those projections anew of which
/// `store` holds another version's, or none that says so, and marks the ledger as this release's
/// (events/log/storage_marks.hpp). The rows differ by intent and are not compared; the log is held against its head.
/// Tiles that were made stay after a crash, and the next call goes on with them; rows count all in one durable step or
/// not at all. An empty ledger is left to start_ledger(). No writer may run. `is_to_end` is asked again and again, and
/// may be empty: true ends it as a crash would. Errors: unknown_event (a later release has written here), corrupt,
/// io_failed, no_space, stopping (`is_to_end`).
core::Result<UpgradeReport> bring_up_to_date(events::Store& store, events::ProjectionList projections,
                                             const std::function<void(const RebuildProgress&)>& on_progress,
                                             const std::function<bool()>& is_to_end = {});

/// Up to which event, both included; absent: all.
struct Until {
  std::optional<core::Sequence> sequence;
  std::optional<core::Timestamp> time;
};
/// Replays the log up to `until` into memory (`target` is written) and leaves the live rows alone.
core::Result<std::uint64_t> replay_into(const events::Store& store, const Until& until, events::Rows& target);

}  // namespace tally::projections
