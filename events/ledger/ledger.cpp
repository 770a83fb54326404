#include "events/ledger/ledger.hpp"

#include "core/base/check.hpp"

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

/// The last event is decoded, and, where the tree shows its leaf by itself, hashed.
core::Result<void> check_last_event(const Reader& reader, const LedgerHead& head) {
  const std::uint64_t size = head.tree.size();
  if (size == 0) return {};
  const core::Sequence last{size - 1};
  TALLY_TRY_ASSIGN(const auto event, read_event(reader, last));
  TALLY_TRY_ASSIGN(const auto bytes, read_event_bytes(reader, last));
  if (!event || !bytes) return core::fail(core::Errc::corrupt, "the log's last event is gone");
  if (event->recorded_at != head.last_recorded_at) {
    return core::fail(core::Errc::corrupt, "the log's last event was not recorded when the ledger's head says");
  }
  if (size % 2 == 1 && leaf_hash(core::as_bytes(*bytes)) != head.tree.roots().back()) {
    return core::fail(core::Errc::corrupt, "the log's last event is not the one that the ledger's head commits to");
  }
  return {};
}

}  // namespace

core::Result<LedgerHead> start_ledger(Store& store, ProjectionList projections, const core::CommandContext& context,
                                      core::RandomSource& random, const Preparation& prepare) {
  TALLY_TRY(storage_age(store, projections));
  TALLY_TRY_ASSIGN(const auto head, load_head(store));
  TALLY_TRY(check_last_event(store, head));
  if (prepare) TALLY_TRY(prepare(head));
  TALLY_TRY(settle_storage_age(store, projections, head.tree.size() == 0));

  Transaction transaction{store, head, projections};
  core::LedgerStarted started;
  started.incarnation = core::draw_id<core::EventId>(random, transaction.time_of(context)).uuid();
  started.size = head.tree.size();
  started.root = head.tree.root();
  TALLY_TRY(transaction.append(context, core::NewEvent{std::nullopt, {core::SubjectKind::ledger, {}}, 0, started}));
  TALLY_TRY(transaction.commit());
  return transaction.head();
}

}  // namespace tally::events
