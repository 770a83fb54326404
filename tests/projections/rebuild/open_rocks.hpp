#pragma once

#include <memory>
#include <string>

#include "events/rocks/rocks_store.hpp"
#include "tests/support/ledger_fixture.hpp"

namespace tally::testing {

/// The store of a folder, at a time at which no row has run out.
inline std::unique_ptr<events::Store> open_rocks(const std::string& folder) {
  events::RocksOptions options;
  options.folder = folder;
  options.now = [] { return core::Timestamp{}; };
  return value_of(events::open_rocks_store(options));
}

}  // namespace tally::testing
