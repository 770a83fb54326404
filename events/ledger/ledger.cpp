#include "events/ledger/ledger.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "events/ledger/start_check.hpp"

namespace tally::events {
namespace {

/// A new ledger is marked before its first event.
core::Result<void> settle_storage_age(Store& store, ProjectionList projections, bool is_empty) {
  TALLY_TRY_ASSIGN(const StorageAge age, storage_age(store, projections));
  if (age.is_current) return {};
  if (!is_empty) return core::fail(core::Errc::conflict, "the ledger's rows are those of an earlier release");
  const auto batch = store.new_batch();
  for (const MetaRow& row : storage_marks(projections)) batch->put(Family::meta, row.name, row.value);
  return store.commit(*batch, Durability::synced);
}

core::Result<LedgerHead> append_own(Store& store, const LedgerHead& head, ProjectionList projections,
                                    const core::CommandContext& context, core::EventPayload payload) {
  Transaction transaction{store, head, projections};
  TALLY_TRY(transaction.append(context,
                               core::NewEvent{std::nullopt, {core::SubjectKind::ledger, {}}, 0, std::move(payload)}));
  TALLY_TRY(transaction.commit());
  return transaction.head();
}

}  // namespace

core::Result<LedgerHead> start_ledger(Store& store, ProjectionList projections, const core::CommandContext& context,
                                      core::RandomSource& random, const Preparation& prepare) {
  TALLY_TRY(storage_age(store, projections));
  TALLY_TRY_ASSIGN(const auto head, load_head(store));
  TALLY_TRY_ASSIGN(const bool had_tiles, has_tiles(store));
  if (had_tiles) TALLY_TRY(check_at_start(store, head, random));
  if (prepare) TALLY_TRY(prepare(head));
  TALLY_TRY(settle_storage_age(store, projections, head.tree.size() == 0));
  if (!had_tiles) TALLY_TRY(check_at_start(store, head, random));

  core::LedgerStarted started;
  started.incarnation = core::draw_id<core::EventId>(random, std::max(context.at, head.last_recorded_at)).uuid();
  started.size = head.tree.size();
  started.root = head.tree.root();
  return append_own(store, head, projections, context, started);
}

core::Result<LedgerHead> recover_ledger(Store& store, ProjectionList projections, const core::CommandContext& context,
                                        core::RandomSource& random, const DescribeRecovery& describe) {
  TALLY_TRY_ASSIGN(const auto head, load_head(store));
  TALLY_TRY(settle_storage_age(store, projections, head.tree.size() == 0));
  TALLY_TRY(check_at_start(store, head, random));
  TALLY_TRY_ASSIGN(core::LedgerRecovered recovered, describe(head));
  return append_own(store, head, projections, context, std::move(recovered));
}

}  // namespace tally::events
