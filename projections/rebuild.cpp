#include "projections/rebuild.hpp"

#include "events/log.hpp"
#include "projections/event_stream.hpp"
#include "projections/projections.hpp"
#include "projections/rebuild_compare.hpp"

namespace tally::projections {

using core::Result;

namespace {

using ProjectionList = std::span<events::Projection* const>;

/// Applies the log up to `until`; the number of events. Errors: corrupt, unknown_event, io_failed.
Result<std::uint64_t> apply_log(const events::Reader& log, const Until& until, ProjectionList projections,
                                events::Rows& rows, const std::function<void(std::uint64_t)>& on_progress) {
  EventStream stream{log, until};
  std::uint64_t done = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const auto events, stream.next());
    if (events.empty()) return done;
    for (const core::Event& event : events) {
      for (events::Projection* projection : projections) TALLY_TRY(projection->apply(event, rows));
    }
    done += events.size();
    if (on_progress) on_progress(done);
  }
}

}  // namespace

Result<RebuildReport> rebuild(events::Store& store, ProjectionList projections, RebuildMode mode,
                              const std::function<void(const RebuildProgress&)>& on_progress) {
  std::vector<events::Family> families;
  for (const events::Projection* projection : projections) {
    families.insert(families.end(), projection->families().begin(), projection->families().end());
  }
  TALLY_TRY_ASSIGN(const auto head, events::load_head(store));
  TALLY_TRY_ASSIGN(const auto shadow, store.make_shadow(families));

  RebuildReport report;
  const auto tell = [&](std::uint64_t done) {
    if (on_progress) on_progress({done, head.tree.size()});
  };
  TALLY_TRY_ASSIGN(report.events, apply_log(store, {}, projections, shadow->rows(), tell));
  if (report.events != head.tree.size()) {
    return core::fail(core::Errc::corrupt, "the log holds " + std::to_string(report.events) +
                                               " events, its head says " + std::to_string(head.tree.size()));
  }
  TALLY_TRY(shadow->flush());
  for (const events::Family family : families) TALLY_TRY(compare_family(store, shadow->rows(), family, report));
  if (mode == RebuildMode::promote) {
    TALLY_TRY(shadow->promote());
    report.promoted = true;
  }
  return report;
}

Result<RebuildReport> rebuild(events::Store& store, RebuildMode mode,
                              const std::function<void(const RebuildProgress&)>& on_progress) {
  const InlineProjections projections;
  return rebuild(store, projections.all(), mode, on_progress);
}

Result<std::uint64_t> replay_into(const events::Store& store, const Until& until, events::Rows& target) {
  const InlineProjections projections;
  const auto snapshot = store.snapshot();
  return apply_log(*snapshot, until, projections.all(), target, {});
}

}  // namespace tally::projections
