#pragma once

#include <map>

#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tree_writer.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/support/rows_of.hpp"

namespace tally::testing {

/// The rows of meta that hold the workspaces' trees.
inline RowList tree_rows_of(const events::Reader& store) {
  RowList rows;
  for (const auto& [name, value] : rows_of(store, events::Family::meta)) {
    if (name.starts_with(events::kWorkspaceSizePrefix)) rows.emplace(name, value);
  }
  return rows;
}

/// Fails the test unless tiles and workspaces' trees are those that the log alone makes.
inline void check_trees(const events::Reader& store) {
  const auto made = events::make_memory_store();
  const auto batch = made->new_batch();
  events::TreeWriter trees{*made, 0};
  events::CompactRange tree;
  events::LogCursor log{store, {0}};
  for (;;) {
    core::Digest leaf;
    const auto event = log.next(&leaf);
    REQUIRE(event.has_value());
    if (!*event) break;
    const auto& workspace = (*event)->workspace;
    REQUIRE(trees.append(tree, workspace ? workspace->uuid() : core::Uuid{}, leaf, *batch).has_value());
  }
  trees.put_workspaces(*batch);
  REQUIRE(made->commit(*batch, events::Durability::synced).has_value());
  const bool are_tiles_same = rows_of(store, events::Family::tile) == rows_of(*made, events::Family::tile);
  CHECK(are_tiles_same);
  const bool are_workspaces_same = tree_rows_of(store) == tree_rows_of(*made);
  CHECK(are_workspaces_same);
}

}  // namespace tally::testing
