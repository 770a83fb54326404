#include "projections/rebuild/tile_repair.hpp"

#include "core/base/check.hpp"
#include "events/log/log.hpp"
#include "events/log/storage_marks.hpp"
#include "projections/rebuild/event_stream.hpp"
#include "projections/rebuild/tile_compare.hpp"

namespace tally::projections {

namespace {

constexpr std::size_t kMendedBytes = 4 << 20;

}  // namespace

core::Result<RebuildReport> repair_tiles(events::Store& store,
                                         const std::function<void(const RebuildProgress&)>& on_progress) {
  TALLY_TRY_ASSIGN(const bool has_tiles, events::has_tiles(store));
  TALLY_CHECK(has_tiles);
  TALLY_TRY_ASSIGN(const auto head, events::load_head(store));
  RebuildReport report;
  const auto mended = store.new_batch();
  TileComparison tiles{store, report, mended.get()};
  EventStream log{store, {0}, {head.tree.size()}, Leaves::hashed};
  for (;;) {
    TALLY_TRY_ASSIGN(const auto events, log.next());
    if (events.empty()) break;
    for (const LoggedEvent& logged : events) TALLY_TRY(tiles.add(logged));
    report.events += events.size();
    if (mended->bytes() >= kMendedBytes) TALLY_TRY(store.commit(*mended, events::Durability::synced));
    if (on_progress) on_progress({report.events, head.tree.size()});
  }
  TALLY_TRY(tiles.finish(head));
  TALLY_TRY(store.commit(*mended, events::Durability::synced));
  return report;
}

}  // namespace tally::projections
