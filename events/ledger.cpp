#include "events/ledger.hpp"

#include <array>

#include "core/check.hpp"
#include "events/keys.hpp"
#include "events/meta_rows.hpp"

namespace tally::events {
namespace {

/// A new ledger is marked before its first event.
core::Result<void> check_storage_version(Store& store, bool is_new) {
  TALLY_TRY_ASSIGN(const auto row, store.get(Family::meta, kSchemaRow));
  if (row) {
    const auto version = read_be32(*row);
    if (!version || row->size() != 4) return core::fail(core::Errc::corrupt, "the storage version has a wrong length");
    if (*version > kStorageVersion) {
      return core::fail(core::Errc::unknown_event, "the ledger has storage version " + std::to_string(*version) +
                                                       ", this release knows up to " + std::to_string(kStorageVersion));
    }
    return {};
  }
  if (!is_new) return core::fail(core::Errc::corrupt, "the ledger has events, but no storage version");
  std::string version;
  append_be32(version, kStorageVersion);
  const auto batch = store.new_batch();
  batch->put(Family::meta, kSchemaRow, version);
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

core::Result<LedgerHead> start_ledger(Store& store, std::span<Projection* const> projections,
                                      const core::CommandContext& context, core::RandomSource& random,
                                      const HeadCheck& check) {
  TALLY_TRY_ASSIGN(const auto head, load_head(store));
  TALLY_TRY(check_storage_version(store, head.tree.size() == 0));
  TALLY_TRY(check_last_event(store, head));
  if (check) TALLY_TRY(check(head));

  Transaction transaction{store, head, projections};
  core::LedgerStarted started;
  started.incarnation = core::draw_id<core::EventId>(random, transaction.time_of(context)).uuid();
  started.size = head.tree.size();
  started.root = head.tree.root();
  const std::array<core::NewEvent, 1> events{core::NewEvent{std::nullopt, {core::SubjectKind::ledger, {}}, 0, started}};
  TALLY_TRY(transaction.append(context, events));
  TALLY_TRY(transaction.commit());
  return transaction.head();
}

}  // namespace tally::events
