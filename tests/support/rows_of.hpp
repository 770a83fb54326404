#pragma once

#include <map>
#include <string>

#include "events/store/store.hpp"

namespace tally::testing {

using RowList = std::map<std::string, std::string>;

/// All rows of a family, in the order of their keys.
inline RowList rows_of(const events::Reader& store, events::Family family) {
  RowList rows;
  for (const auto cursor = store.scan(family, {}); cursor->valid(); cursor->next()) {
    rows.emplace(cursor->key(), cursor->value());
  }
  return rows;
}

}  // namespace tally::testing
