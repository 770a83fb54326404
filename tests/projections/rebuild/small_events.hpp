#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/ledger/transaction.hpp"
#include "events/log/storage_marks.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/support/ledger_fixture.hpp"

/// A ledger of many small events without any projection: with tiles, and with roots of subtrees.
namespace tally::testing {

inline constexpr std::uint64_t kSmallEvents = 1'400;

inline core::WorkspaceId numbered_workspace(std::uint8_t number) {
  core::Uuid uuid;
  uuid.bytes.fill(number);
  return core::WorkspaceId{uuid};
}

/// Events of three workspaces and of none, in turn.
inline std::unique_ptr<events::Store> make_small_events() {
  auto store = events::make_memory_store();
  const auto batch = store->new_batch();
  for (const events::MetaRow& row : events::storage_marks({})) batch->put(events::Family::meta, row.name, row.value);
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
  events::Transaction transaction{*store, {}, {}};
  const core::CommandContext context;
  for (std::uint8_t turn = 0; transaction.head().tree.size() < kSmallEvents; ++turn) {
    core::NewEvent event{std::nullopt, {core::SubjectKind::ledger, {}}, 0, core::ClockAccepted{}};
    if (turn % 4 != 0) event.workspace = numbered_workspace(turn % 4);
    REQUIRE(transaction.append(context, event).has_value());
    if (turn % 50 == 0) REQUIRE(transaction.commit().has_value());
  }
  REQUIRE(transaction.commit().has_value());
  return store;
}

/// Puts a row past the writer; without a value it goes.
inline void change_row(events::Store& store, events::Family family, std::string_view key,
                       const std::optional<std::string>& value) {
  const auto batch = store.new_batch();
  value ? batch->put(family, key, *value) : batch->erase(family, key);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

}  // namespace tally::testing
