#include "projections/rebuild/tile_upgrade.hpp"

#include <string>
#include <utility>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "events/log/tree_writer.hpp"
#include "projections/rebuild/event_stream.hpp"

namespace tally::projections {

using core::Errc;
using core::Result;
using events::CompactRange;
using events::Family;

namespace {

constexpr std::size_t kMovedBytes = 4 << 20;

core::Error corrupt(std::string detail) { return core::fail(Errc::corrupt, std::move(detail)); }

/// How far a pass before has come; empty: there was none.
Result<CompactRange> made_before(const events::Reader& meta) {
  TALLY_TRY_ASSIGN(const auto row, meta.get(Family::meta, events::kTilesMadeRow));
  return row ? events::decode_range(*row) : Result<CompactRange>{CompactRange{}};
}

class Pass {
 public:
  Pass(events::Store& store, CompactRange made, std::uint64_t events_per_step)
      : store_(store),
        events_per_step_(events_per_step),
        batch_(store.new_batch()),
        tree_(std::move(made)),
        trees_(store, tree_.size(), events::kTilesMadePrefix) {
    TALLY_CHECK(events_per_step > 0 && events_per_step % events::kTileWidth == 0);
  }

  /// Errors: corrupt, unknown_event, io_failed, no_space, outcome_unknown, and those of `tell`.
  Result<void> run(std::uint64_t end, const std::function<Result<void>(std::uint64_t)>& tell) {
    EventStream log{store_, {tree_.size()}, {end}, Leaves::hashed};
    for (;;) {
      TALLY_TRY_ASSIGN(const auto events, log.next());
      if (events.empty()) return keep();
      for (const LoggedEvent& logged : events) TALLY_TRY(add(logged));
      TALLY_TRY(tell(tree_.size()));
    }
  }

  [[nodiscard]] const CompactRange& tree() const { return tree_; }

 private:
  Result<void> add(const LoggedEvent& logged) {
    const auto& [event, leaf] = logged;
    const core::Uuid workspace = event.workspace ? event.workspace->uuid() : core::Uuid{};
    TALLY_TRY_ASSIGN(const std::uint64_t number, trees_.size_of(workspace));
    if (event.workspace && event.workspace_sequence != number) {
      return corrupt("event " + std::to_string(event.sequence.value) + " has number " +
                     std::to_string(event.workspace_sequence) + " in its workspace, and is number " +
                     std::to_string(number));
    }
    TALLY_TRY(trees_.append(tree_, workspace, leaf, *batch_));
    return tree_.size() % events_per_step_ == 0 ? keep() : Result<void>{};
  }

  Result<void> keep() {
    trees_.put_workspaces(*batch_);
    batch_->put(Family::meta, events::kTilesMadeRow, events::encode_range(tree_));
    TALLY_TRY(store_.commit(*batch_, events::Durability::synced));
    trees_.committed();
    return {};
  }

  events::Store& store_;
  const std::uint64_t events_per_step_;
  std::unique_ptr<events::Batch> batch_;
  CompactRange tree_;
  events::TreeWriter trees_;
};

/// The row of a workspace's size becomes that of its tree.
Result<void> move_workspace(const events::Reader& meta, const events::Cursor& made, events::Batch& batch) {
  const std::string_view workspace = made.key().substr(events::kTilesMadePrefix.size());
  const std::string name = std::string{events::kWorkspaceSizePrefix}.append(workspace);
  TALLY_TRY_ASSIGN(const CompactRange tree, events::decode_range(made.value()));
  TALLY_TRY_ASSIGN(const auto before, meta.get(Family::meta, name));
  // The events of no workspace were not counted.
  const bool is_counted = workspace != core::as_text(core::Uuid{}.bytes);
  if (is_counted && (!before || events::read_be64(*before) != tree.size())) {
    return corrupt("a workspace has " + std::to_string(tree.size()) +
                   " events, and its row says something else: " + core::to_hex(core::as_bytes(workspace)));
  }
  batch.put(Family::meta, name, made.value());
  batch.erase(Family::meta, made.key());
  return {};
}

Result<void> move_workspaces(events::Store& store) {
  const auto batch = store.new_batch();
  const auto made = store.scan(Family::meta, events::prefix_range(events::kTilesMadePrefix));
  for (; made->valid(); made->next()) {
    TALLY_TRY(move_workspace(store, *made, *batch));
    if (batch->bytes() >= kMovedBytes) TALLY_TRY(store.commit(*batch, events::Durability::synced));
  }
  TALLY_TRY(made->status());
  return store.commit(*batch, events::Durability::synced);
}

/// Of a pass that came to another root: the next one begins at the first event.
Result<void> forget(events::Store& store) {
  const auto batch = store.new_batch();
  const auto made = store.scan(Family::meta, events::prefix_range(events::kTilesMadePrefix));
  for (; made->valid(); made->next()) {
    batch->erase(Family::meta, made->key());
    if (batch->bytes() >= kMovedBytes) TALLY_TRY(store.commit(*batch, events::Durability::synced));
  }
  TALLY_TRY(made->status());
  // Last: what it says is good as long as it is there.
  TALLY_TRY(store.commit(*batch, events::Durability::synced));
  batch->erase(Family::meta, events::kTilesMadeRow);
  return store.commit(*batch, events::Durability::synced);
}

/// One durable step.
Result<void> mark(events::Store& store) {
  const auto batch = store.new_batch();
  batch->erase(Family::meta, events::kTilesMadeRow);
  const events::MetaRow row = events::storage_mark(events::kStorageVersionOfTiles);
  batch->put(Family::meta, row.name, row.value);
  return store.commit(*batch, events::Durability::synced);
}

}  // namespace

Result<std::uint64_t> make_tiles(events::Store& store, const std::function<void(const RebuildProgress&)>& on_progress,
                                 std::uint64_t events_per_step, const std::function<bool()>& is_to_end) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(store));
  const std::uint64_t size = head.tree.size();
  const auto tell = [&](std::uint64_t done) -> Result<void> {
    if (on_progress) on_progress({done, size, "tiles"});
    if (is_to_end && is_to_end()) return core::fail(Errc::stopping, "the making of tiles was ended");
    return {};
  };
  TALLY_TRY_ASSIGN(CompactRange made, made_before(store));
  TALLY_TRY(tell(made.size()));
  Pass pass{store, std::move(made), events_per_step};
  if (pass.tree().size() < size) TALLY_TRY(pass.run(size, tell));
  if (pass.tree() != head.tree) {
    TALLY_TRY(forget(store));
    return corrupt("the log is not the one that the ledger's head commits to");
  }
  TALLY_TRY(move_workspaces(store));
  TALLY_TRY(mark(store));
  return size;
}

}  // namespace tally::projections
