#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tile_rows.hpp"
#include "events/memory/memory_store.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/ledger/tree_checks.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

// Tiles and workspaces' trees are written in the batch of their last leaf, whatever is taken back meanwhile.
namespace tally {
namespace {

using events::Family;
using testing::check_trees;
using testing::sample_context;

/// Of a workspace, or of none: 0.
core::NewEvent new_event_of(std::uint8_t workspace) {
  core::NewEvent event = testing::sample_new_event(workspace);
  if (workspace == 0) event.workspace.reset();
  return event;
}

void append_of(events::Transaction& transaction, std::uint8_t workspace) {
  REQUIRE(transaction.append(sample_context(1'000), new_event_of(workspace)).has_value());
}

/// Refuses the commits that it is told to.
class SometimesFull final : public events::Store {
 public:
  [[nodiscard]] core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return inner->get(family, key);
  }
  std::unique_ptr<events::Cursor> scan(Family family, const events::ScanRange& range) const override {
    return inner->scan(family, range);
  }
  [[nodiscard]] std::unique_ptr<events::Reader> snapshot() const override { return inner->snapshot(); }
  [[nodiscard]] std::unique_ptr<events::Batch> new_batch() override { return inner->new_batch(); }
  core::Result<void> commit(events::Batch& batch, events::Durability durability) override {
    if (!is_full) return inner->commit(batch, durability);
    const auto scratch = events::make_memory_store();
    static_cast<void>(scratch->commit(batch, durability));
    return core::fail(core::Errc::no_space, "injected");
  }
  core::Result<std::unique_ptr<events::Shadow>> make_shadow(std::span<const Family> families) override {
    return inner->make_shadow(families);
  }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return 0; }
  std::unique_ptr<events::Store> inner = events::make_memory_store();
  bool is_full = false;
};

TEST_CASE("transaction: tiles and trees are those of the log, over works taken back, refused commits and restarts",
          "[events][tiles]") {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  testing::SeededRandom random{seed};
  SometimesFull store;
  for (int restart = 0; restart < 6; ++restart) {
    events::Transaction transaction{store, *events::load_head(store), {}};
    for (std::uint64_t commits = random.below(40); commits > 0; --commits) {
      for (std::uint64_t works = random.below(20); works > 0; --works) {
        transaction.begin();
        for (std::uint64_t events = random.below(9); events > 0; --events) {
          append_of(transaction, static_cast<std::uint8_t>(random.below(5)));
        }
        if (random.below(4) != 0) continue;
        transaction.fail(core::fail(core::Errc::io_failed, "injected"));
        static_cast<void>(transaction.take_back());
      }
      store.is_full = random.below(4) == 0;
      static_cast<void>(transaction.commit());
      store.is_full = false;
      CHECK_FALSE(transaction.failed());
      CHECK(events::load_head(store)->tree == transaction.head().tree);
    }
    check_trees(store);
  }
  CHECK(testing::rows_of(store, Family::tile).size() > 4);
  CHECK(testing::tree_rows_of(store).size() == 5);
}

TEST_CASE("transaction: one batch over several tiles writes each of them, on the disk too", "[events][tiles]") {
  const testing::TemporaryFolder folder;
  const bool on_disk = GENERATE(false, true);
  const auto store = on_disk ? *events::open_rocks_store({.folder = folder.str()}) : events::make_memory_store();
  for (int restart = 0; restart < 2; ++restart) {
    events::Transaction transaction{*store, *events::load_head(*store), {}};
    for (int event = 0; event < 700; ++event) append_of(transaction, 1);
    REQUIRE(transaction.commit().has_value());
  }
  check_trees(*store);
  CHECK(testing::rows_of(*store, Family::tile).size() == 3 * (1'400 / 256));
}

TEST_CASE("transaction: where the log's end can not be read or a workspace's row is damaged, the work fails alone",
          "[events][tiles]") {
  const auto store = events::make_memory_store();
  {
    events::Transaction transaction{*store, {}, {}};
    for (int event = 0; event < 300; ++event) append_of(transaction, 1);
    REQUIRE(transaction.commit().has_value());
  }
  core::Uuid workspace = testing::sample_new_event(1).workspace->uuid();
  const bool is_log = GENERATE(true, false);
  const auto batch = store->new_batch();
  if (is_log) {
    batch->erase(Family::log, events::key_of({280}));
  } else {
    batch->put(Family::meta, events::workspace_row(events::kWorkspaceSizePrefix, workspace), "12345678");
  }
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
  events::Transaction transaction{*store, *events::load_head(*store), {}};
  transaction.begin();
  const auto appended = transaction.append(sample_context(1'000), new_event_of(1));
  REQUIRE(appended.has_error());
  CHECK(appended.error().code == core::Errc::corrupt);
  static_cast<void>(transaction.take_back());
  CHECK(transaction.head().tree.size() == 300);
  if (is_log) return;
  transaction.begin();
  append_of(transaction, 2);
  REQUIRE(transaction.commit().has_value());
}

}  // namespace
}  // namespace tally
