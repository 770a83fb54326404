#include "projections/rebuild/rebuild.hpp"

#include "events/log/log.hpp"
#include "events/log/log_time.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rebuild/event_stream.hpp"
#include "projections/rebuild/rebuild_compare.hpp"
#include "projections/rebuild/tile_compare.hpp"
#include "projections/rebuild/tile_upgrade.hpp"

namespace tally::projections {

using core::Result;
using events::ProjectionList;

namespace {

using OnProgress = std::function<void(const RebuildProgress&)>;

constexpr core::Sequence kWholeLog{UINT64_MAX};

/// The first event that does not count any more. A ledger that has lost its end is no state of any moment.
Result<core::Sequence> end_of(const events::Reader& reader, const Until& until) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(reader));
  core::Sequence end = kWholeLog;
  if (until.time) {
    TALLY_TRY_ASSIGN(end.value, events::events_until(reader, head, *until.time));
  }
  if (until.sequence && *until.sequence < end) end.value = until.sequence->value + 1;
  return end;
}

/// Applies the log up to `end`, and gives it to `tiles` if there is one; the number of events. Errors: corrupt,
/// unknown_event, io_failed, and those of `on_progress`.
Result<std::uint64_t> apply_log(const events::Reader& log, core::Sequence end, ProjectionList projections,
                                events::Rows& rows, const std::function<Result<void>(std::uint64_t)>& on_progress,
                                TileComparison* tiles = nullptr) {
  EventStream stream{log, {0}, end, tiles != nullptr ? Leaves::hashed : Leaves::unknown};
  std::uint64_t done = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const auto events, stream.next());
    if (events.empty()) return done;
    for (const LoggedEvent& logged : events) {
      for (events::Projection* projection : projections) TALLY_TRY(projection->apply(logged.event, rows));
      if (tiles != nullptr) TALLY_TRY(tiles->add(logged));
    }
    done += events.size();
    if (on_progress) TALLY_TRY(on_progress(done));
  }
}

std::vector<events::Family> families_of(ProjectionList projections) {
  std::vector<events::Family> families;
  for (const events::Projection* projection : projections) {
    families.insert(families.end(), projection->families().begin(), projection->families().end());
  }
  return families;
}

/// Applies the whole log to the twins; the number of events, which is the head's. Errors: as apply_log.
Result<std::uint64_t> fill(events::Shadow& twins, const events::Reader& ledger, ProjectionList projections,
                           const OnProgress& on_progress, TileComparison* tiles = nullptr,
                           const std::function<bool()>& is_to_end = {}) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(ledger));
  const auto tell = [&](std::uint64_t done) -> Result<void> {
    if (on_progress) on_progress({done, head.tree.size()});
    if (is_to_end && is_to_end()) return core::fail(core::Errc::stopping, "the making of rows was ended");
    return {};
  };
  TALLY_TRY(tell(0));
  TALLY_TRY_ASSIGN(const std::uint64_t events, apply_log(ledger, kWholeLog, projections, twins.rows(), tell, tiles));
  if (events != head.tree.size()) {
    return core::fail(core::Errc::corrupt, "the log holds " + std::to_string(events) + " events, its head says " +
                                               std::to_string(head.tree.size()));
  }
  if (tiles != nullptr) TALLY_TRY(tiles->finish(head));
  TALLY_TRY(twins.flush());
  return events;
}

Result<void> mark_as_current(events::Store& store, ProjectionList projections) {
  const auto batch = store.new_batch();
  for (const events::MetaRow& row : events::storage_marks(projections)) {
    batch->put(events::Family::meta, row.name, row.value);
  }
  return store.commit(*batch, events::Durability::synced);
}

Result<void> compare_families(events::Shadow& twins, const events::Reader& ledger,
                              const std::vector<events::Family>& families, RebuildReport& report) {
  for (const events::Family family : families) TALLY_TRY(compare_family(ledger, twins.rows(), family, report));
  return {};
}

/// Fills the twins of `families` and compares them with the live rows of `ledger`, and the tiles. Errors: as fill.
Result<RebuildReport> fill_and_compare(events::Shadow& twins, const events::Reader& ledger, ProjectionList projections,
                                       const std::vector<events::Family>& families, const OnProgress& on_progress) {
  RebuildReport report;
  TileComparison tiles{ledger, report};
  TALLY_TRY_ASSIGN(report.events, fill(twins, ledger, projections, on_progress, &tiles));
  TALLY_TRY(compare_families(twins, ledger, families, report));
  return report;
}

}  // namespace

std::vector<std::string_view> UpgradeReport::names() const {
  std::vector<std::string_view> names;
  if (tiles) names.emplace_back("tiles");
  names.insert(names.end(), projections.begin(), projections.end());
  return names;
}

Result<RebuildReport> rebuild(events::Store& store, ProjectionList projections, RebuildMode mode,
                              const OnProgress& on_progress) {
  const auto families = families_of(projections);
  TALLY_TRY_ASSIGN(const auto twins, store.make_shadow(families));
  TALLY_TRY_ASSIGN(RebuildReport report, fill_and_compare(*twins, store, projections, families, on_progress));
  if (mode == RebuildMode::promote) {
    TALLY_TRY(twins->promote(events::storage_marks(projections)));
    report.promoted = true;
  }
  return report;
}

Result<RebuildReport> compare_rows(const events::Reader& ledger, events::Store& scratch,
                                   const OnProgress& on_progress) {
  const InlineProjections projections;
  const auto families = families_of(projections.all());
  TALLY_TRY_ASSIGN(const auto twins, scratch.make_shadow(families));
  RebuildReport report;
  TALLY_TRY_ASSIGN(report.events, fill(*twins, ledger, projections.all(), on_progress));
  TALLY_TRY(compare_families(*twins, ledger, families, report));
  return report;
}

Result<UpgradeReport> bring_up_to_date(events::Store& store, ProjectionList projections, const OnProgress& on_progress,
                                       const std::function<bool()>& is_to_end) {
  UpgradeReport report;
  TALLY_TRY_ASSIGN(const events::StorageAge age, events::storage_age(store, projections));
  TALLY_TRY_ASSIGN(const auto head, events::load_head(store));
  if (age.is_current || head.tree.size() == 0) return report;
  TALLY_TRY_ASSIGN(const bool has_tiles, events::has_tiles(store));
  if (!has_tiles) {
    TALLY_TRY_ASSIGN(report.events, make_tiles(store, on_progress, kEventsPerStep, is_to_end));
    report.tiles = true;
  }
  if (age.stale.empty()) {
    TALLY_TRY(mark_as_current(store, projections));
    return report;
  }
  TALLY_TRY_ASSIGN(const auto twins, store.make_shadow(families_of(age.stale)));
  TALLY_TRY_ASSIGN(report.events, fill(*twins, store, age.stale, on_progress, nullptr, is_to_end));
  TALLY_TRY(twins->promote(events::storage_marks(projections)));
  for (const events::Projection* projection : age.stale) report.projections.push_back(projection->name());
  return report;
}

Result<RebuildReport> rebuild(events::Store& store, RebuildMode mode, const OnProgress& on_progress) {
  const InlineProjections projections;
  return rebuild(store, projections.all(), mode, on_progress);
}

Result<std::uint64_t> replay_into(const events::Store& store, const Until& until, events::Rows& target) {
  const InlineProjections projections;
  const auto snapshot = store.snapshot();
  TALLY_TRY_ASSIGN(const core::Sequence end, end_of(*snapshot, until));
  return apply_log(*snapshot, end, projections.all(), target, {});
}

}  // namespace tally::projections
