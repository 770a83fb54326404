#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "events/store/family.hpp"
#include "events/store/store.hpp"

/// One row of a store, written and read; a store that fails ends the test.
namespace tally::testing {

inline void put(events::Store& store, events::Family family, std::string_view key, std::string_view value) {
  const auto batch = store.new_batch();
  batch->put(family, key, value);
  REQUIRE(store.commit(*batch, events::Durability::synced).has_value());
}

inline std::optional<std::string> value_at(const events::Reader& reader, events::Family family, std::string_view key) {
  auto row = reader.get(family, key);
  REQUIRE(row.has_value());
  return *row;
}

}  // namespace tally::testing
