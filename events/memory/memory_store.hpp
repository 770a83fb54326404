#pragma once

#include <memory>

#include "events/store/store.hpp"

namespace tally::events {

/// The twin of the RocksDB store for tests: same promises but durability.
std::unique_ptr<Store> make_memory_store();

}  // namespace tally::events
