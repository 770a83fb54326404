#include "events/ledger/transaction.hpp"

#include <array>
#include <set>

#include <catch2/catch.hpp>

#include "events/memory/memory_store.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally {
namespace {

using events::Family;
using testing::sample_context;
using testing::sample_new_event;

constexpr std::array<std::uint8_t, 4> kWorkspaces{1, 2, 1, 3};

void append(events::Transaction& transaction, std::uint8_t workspace, std::int64_t at = 1'000) {
  const auto event = sample_new_event(workspace);
  REQUIRE(transaction.append(sample_context(at), event).has_value());
}

core::Event event_at(const events::Reader& reader, std::uint64_t sequence) {
  auto event = events::read_event(reader, {sequence});
  REQUIRE(event.has_value());
  REQUIRE(event->has_value());
  return **event;
}

/// Counts the events of each workspace in a row that it reads back, as a projection would.
class CountingProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "counting"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::span<const Family> families() const override {
    static constexpr std::array kFamilies{Family::workspace};
    return kFamilies;
  }
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override {
    const std::string key{core::as_text(event.workspace->uuid().bytes)};
    TALLY_TRY_ASSIGN(const auto row, rows.get(Family::workspace, key));
    rows.put(Family::workspace, key, std::to_string((row ? std::stoi(*row) : 0) + 1));
    if (fails) return core::fail(core::Errc::corrupt, "injected");
    return {};
  }
  bool fails = false;
};

TEST_CASE("transaction: sequences are dense, in all and in each workspace, over commits and restarts",
          "[events][log]") {
  const auto store = events::make_memory_store();
  std::uint64_t expected = 0;
  std::array<std::uint64_t, 4> expected_in_workspace{};
  for (int restart = 0; restart < 3; ++restart) {
    events::Transaction transaction{*store, *events::load_head(*store), {}};
    for (int commit = 0; commit < 4; ++commit) {
      for (const std::uint8_t workspace : kWorkspaces) append(transaction, workspace);
      REQUIRE(transaction.commit().has_value());
      for (const std::uint8_t workspace : kWorkspaces) {
        const core::Event event = event_at(*store, expected);
        CHECK(event.sequence.value == expected);
        CHECK(event.workspace_sequence == expected_in_workspace[workspace]++);
        ++expected;
      }
    }
    CHECK(transaction.last_sequence()->value == expected - 1);
  }
}

TEST_CASE("transaction: ids of events differ, within a command and between commands", "[events][log]") {
  const auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  const std::vector<core::NewEvent> events(50, sample_new_event(1));
  REQUIRE(transaction.append(sample_context(1'000), events).has_value());
  REQUIRE(transaction.append(sample_context(1'000), events).has_value());
  REQUIRE(transaction.commit().has_value());
  std::set<core::EventId> ids;
  for (std::uint64_t sequence = 0; sequence < 100; ++sequence) ids.insert(event_at(*store, sequence).id);
  CHECK(ids.size() == 100);
}

TEST_CASE("transaction: recorded time never runs backwards", "[events][log]") {
  const auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  append(transaction, 1, 5'000);
  append(transaction, 1, 3'000);
  append(transaction, 1, 6'000);
  REQUIRE(transaction.commit().has_value());
  CHECK(event_at(*store, 0).recorded_at == core::timestamp_of_micros(5'000));
  CHECK(event_at(*store, 1).recorded_at == core::timestamp_of_micros(5'000));
  CHECK(event_at(*store, 2).recorded_at == core::timestamp_of_micros(6'000));
  CHECK_FALSE(event_at(*store, 0).read_at);
  CHECK(event_at(*store, 1).read_at == core::timestamp_of_micros(3'000));
  CHECK(event_at(*store, 1).reading() == core::timestamp_of_micros(3'000));
  CHECK_FALSE(event_at(*store, 2).read_at);
  events::Transaction later{*store, *events::load_head(*store), {}};
  CHECK(later.time_of(sample_context(1)) == core::timestamp_of_micros(6'000));
}

TEST_CASE("transaction: a command reads what the ones before it in the batch wrote", "[events][log]") {
  const auto store = events::make_memory_store();
  CountingProjection projection;
  std::array<events::Projection*, 1> projections{&projection};
  events::Transaction transaction{*store, {}, projections};
  const std::string key{core::as_text(testing::sample_uuid(1).bytes)};
  append(transaction, 1);
  append(transaction, 1);
  transaction.put(Family::retry, "r", "sealed");
  CHECK(**transaction.get(Family::workspace, key) == "2");
  CHECK(**transaction.get(Family::retry, "r") == "sealed");
  CHECK_FALSE(store->get(Family::workspace, key)->has_value());
  const auto cursor = transaction.scan(Family::workspace, {});
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == "2");
  REQUIRE(transaction.commit().has_value());
  CHECK(**store->get(Family::workspace, key) == "2");
}

TEST_CASE("transaction: nothing to commit writes nothing", "[events][log]") {
  const auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  REQUIRE(transaction.commit().has_value());
  CHECK_FALSE(store->get(Family::meta, "head")->has_value());
}

TEST_CASE("transaction: an event that is too large fails the whole of it", "[events][log]") {
  const auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  auto large = sample_new_event(1);
  large.payload = core::AuditRead{std::string(70'000, 'x'), 1};
  const auto appended = transaction.append(sample_context(1), large);
  REQUIRE(appended.has_error());
  CHECK(appended.error().code == core::Errc::too_large);
  CHECK(transaction.failed());
  CHECK(transaction.commit().has_error());
  CHECK(events::load_head(*store)->tree.size() == 0);
}

TEST_CASE("transaction: a projection that fails keeps the event from being committed", "[events][log]") {
  const auto store = events::make_memory_store();
  CountingProjection projection;
  projection.fails = true;
  std::array<events::Projection*, 1> projections{&projection};
  events::Transaction transaction{*store, {}, projections};
  const auto event = sample_new_event(1);
  CHECK(transaction.append(sample_context(1), event).error().code == core::Errc::corrupt);
  CHECK(transaction.commit().error().code == core::Errc::corrupt);
  CHECK(events::load_head(*store)->tree.size() == 0);
}

TEST_CASE("transaction: refused for want of space, it is as before, and can go on", "[events][log]") {
  /// Refuses the commits that it is told to.
  class FullStore final : public events::Store {
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
      static_cast<void>(scratch->commit(batch, durability));
      return core::fail(core::Errc::no_space, "injected");
    }
    core::Result<std::unique_ptr<events::Shadow>> make_shadow(std::span<const Family> families) override {
      return inner->make_shadow(families);
    }
    [[nodiscard]] std::uint64_t bytes_on_disk() const override { return 0; }
    std::unique_ptr<events::Store> inner = events::make_memory_store();
    std::unique_ptr<events::Store> scratch = events::make_memory_store();
    bool is_full = false;
  };
  FullStore store;
  events::Transaction transaction{store, {}, {}};
  append(transaction, 1, 1'000);
  REQUIRE(transaction.commit().has_value());
  store.is_full = true;
  append(transaction, 1, 9'000);
  append(transaction, 2, 9'000);
  REQUIRE(transaction.commit().error().code == core::Errc::no_space);
  CHECK(transaction.head().tree.size() == 1);
  CHECK(transaction.last_sequence()->value == 0);
  CHECK_FALSE(transaction.failed());
  store.is_full = false;
  append(transaction, 1, 2'000);
  REQUIRE(transaction.commit().has_value());
  const core::Event event = event_at(store, 1);
  CHECK(event.workspace_sequence == 1);
  CHECK(event.recorded_at == core::timestamp_of_micros(2'000));
  CHECK(events::load_head(store)->tree.root() == transaction.head().tree.root());
}

}  // namespace
}  // namespace tally
